"""A real model by transformers, block by block, for what the stream may be replaced in."""

import torch
import torch.nn.functional as F


class Real:
    """The network of a folder in float32; its residuals can be taken up behind any block."""

    def __init__(self, folder):
        from transformers import AutoModelForCausalLM

        self.network = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval().requires_grad_(False)
        self.decoder = self.network.model

    @torch.no_grad()
    def cross_entropy(self, ids, h=None, first=0):
        """Nats [B, T - 2] of each next token of ids [B, T], predicted at positions 1 and on; with h [B, T, d], from this
        residual before block `first`."""
        h = self.decoder.embed_tokens(ids) if h is None else h
        place = torch.arange(h.shape[1])[None]
        angles = self.decoder.rotary_emb(h, place)
        for block in self.decoder.layers[first:]:
            h = block(h, attention_mask=None, position_ids=place, position_embeddings=angles)
        rows = zip(self.decoder.norm(h), ids)
        return torch.stack(
            [F.cross_entropy(self.network.lm_head(row[1:-1]), own[2:], reduction='none') for row, own in rows]
        )
