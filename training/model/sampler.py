"""Batched, cached sampling from a model of `transformer.py`, with a hook on the residual stream."""

import torch

# Nucleus sampling looks at this many of the largest logits; what lies beyond them is never drawn.
CANDIDATES = 256


class Cache:
    """Keys and values of one block, [B, kv_heads, room, head_dim], filled from the left."""

    def __init__(self, rows, shape, room):
        self.keys = torch.zeros(rows, shape.kv_heads, room, shape.head_dim)
        self.values, self.used = torch.zeros_like(self.keys), 0

    def extend(self, keys, values):
        end = self.used + keys.shape[2]
        self.keys[:, :, self.used : end], self.values[:, :, self.used : end] = keys, values
        self.used = end
        return self.keys[:, :, :end], self.values[:, :, :end]


def draw(logits, temperature, top_p, generator):
    """One id a row of logits [B, V]; temperature 0 takes the largest."""
    if temperature == 0:
        return logits.argmax(-1)
    values, ids = logits.topk(min(CANDIDATES, logits.shape[-1]))
    shares = (values / temperature).softmax(-1)
    shares[shares.cumsum(-1) - shares >= top_p] = 0  # the largest is always kept
    return ids.gather(1, torch.multinomial(shares, 1, generator=generator))[:, 0]


@torch.no_grad()
def generate(model, prompts, count, temperature=0.7, top_p=0.95, seed=0, site=None, stop=None, observe=None):
    """`count` tokens after each of the prompts (lists of ids of any lengths, one batch): list of lists of ids.

    `site(layer, h)` sees the residual [B, T, d] of every fed token after every block, the padding's included, and
    returns what the next block sees. `stop`: an id after which a row ends; it is not returned. `observe(step, logits,
    ids)`: what was drawn from."""
    longest = max(len(prompt) for prompt in prompts)
    if longest + count > model.shape.context:
        raise ValueError(f'{longest} tokens and {count} more are over the context of {model.shape.context}')
    padding = torch.tensor([longest - len(prompt) for prompt in prompts])
    fed = torch.tensor([[0] * (longest - len(prompt)) + list(prompt) for prompt in prompts])
    caches = [Cache(len(prompts), model.shape, longest + count) for _ in range(model.shape.layers)]
    generator, start, drawn = torch.Generator().manual_seed(seed), 0, []
    live = torch.ones(len(prompts), dtype=torch.bool)
    for step in range(count):
        h = model.blocks(model.model.embed_tokens(fed), start=start, caches=caches, padding=padding, site=site)
        start += fed.shape[1]
        logits = model.logits(h[:, -1])
        ids = draw(logits, temperature, top_p, generator)
        if observe is not None:
            observe(step, logits, ids)
        drawn.append(ids)
        if stop is not None:
            live &= ids != stop
            if not live.any():
                break
        fed = ids[:, None]
    rows = torch.stack(drawn, 1).tolist()
    return [row[: row.index(stop)] if stop is not None and stop in row else row for row in rows]
