"""Explanations drawn from a verbalizer, a batch in lockstep, and the texts of their ids."""

import re

import torch

from files.tokens import byte_pieces
from model.sampler import Cache, draw

EXPLANATION = re.compile(r'<explanation>(.*?)(</explanation>|$)', re.S)


@torch.no_grad()
def answers(half, encoder, vectors, most, temperature=1.0, seed=0):
    """The ids that follow the prompt for each of vectors [N, d], the closing tag included where it came within `most`
    tokens."""
    model, count = half.inner, len(vectors)
    caches = [Cache(count, model.shape, len(encoder.prompt) + most) for _ in range(model.shape.layers)]
    generator, start = torch.Generator().manual_seed(seed), 0
    h = half.embed(torch.tensor([encoder.prompt] * count), vectors)
    live, drawn = torch.ones(count, dtype=torch.bool), []
    for _ in range(most):
        with torch.autocast('cpu', dtype=torch.bfloat16, enabled=temperature > 0):
            top = model.blocks(h, start=start, caches=caches)
            logits = model.logits(top[:, -1]).float()
        start += h.shape[1]
        ids = (
            draw(logits, temperature, 1.0, generator)
            if temperature == 0
            else torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)[:, 0]
        )
        drawn.append(ids)
        live &= ids != encoder.end
        if not live.any():
            break
        h = model.model.embed_tokens(ids[:, None])
    rows = torch.stack(drawn, 1).tolist()
    return [row[: row.index(encoder.end) + 1] if encoder.end in row else row for row in rows]


class Decoder:
    def __init__(self, encoder):
        self.pieces, self.end = byte_pieces(encoder.folder), encoder.end
        names = {b'<|explain_start|>': b'<explanation>', b'<|explain_end|>': b'</explanation>'}
        self.pieces = [names.get(piece, piece) for piece in self.pieces]

    def explanation(self, ids):
        """(text, whether both tags are there): what is between the tags, or behind the first where the second is
        missing."""
        text = b''.join(self.pieces[id] for id in ids).decode('utf-8', 'replace')
        match = EXPLANATION.search(text)
        return (match[1].strip(), match[2] != '') if match else (text.strip(), False)
