"""Encoded texts as batches. The batch of a step depends on the seed and the step alone, so that a resumed run sees
what it would have."""

import json
import pathlib

import numpy as np
import torch

# Shares of the training tokens at first, and the weights of "overall" in every figure.
MIX = dict(
    en_simple=0.27,
    en_books=0.07,
    zh_poem=0.14,
    zh_novel=0.08,
    zh_classical=0.05,
    zh_bible=0.02,
    zh_docs=0.02,
    zh_modern=0.02,
    tatoeba=0.05,
    gsm8k=0.04,
    arithmetic=0.14,
    chat=0.10,
)
# Products are learnt last: they get more of the later tokens.
LATE_MIX = {**MIX, 'arithmetic': 0.24}
NEAR = 96  # tokens


def line_ends(run):
    """Which ids end a line or come before a document, [V] of bool."""
    tokenizer = json.loads((pathlib.Path(run) / 'tokenizer' / 'tokenizer.json').read_text(encoding='utf-8'))
    ends = {entry['id'] for entry in tokenizer['added_tokens'] if entry['content'] == '<|endoftext|>'}
    ends |= {token for piece, token in tokenizer['model']['vocab'].items() if piece.endswith('Ċ')}
    return np.isin(np.arange(1 << 16), list(ends))


class Texts:
    """`lines`: windows begin where a line or a document begins, as a reader's prompt does; a window that begins inside
    a number teaches that the first digit says nothing. Without it, or where no line begins within a few tokens, they
    begin anywhere."""

    def __init__(self, run, split, mix=None, lines=False):
        folder = pathlib.Path(run) / 'ids' / split
        self.ids = {file.stem: np.fromfile(file, dtype=np.uint16) for file in sorted(folder.glob('*.bin'))}
        self.mix = {name: share for name, share in (mix or MIX).items() if name in self.ids}
        self.shares = np.array(list(self.mix.values())) / sum(self.mix.values())
        self.ends = line_ends(run) if lines else None

    def batch(self, seed, rows, length):
        """ids [rows, length], each row a window of one domain."""
        rng = np.random.default_rng(seed)
        names = list(self.mix)
        picks = rng.choice(len(names), rows, p=self.shares)
        return torch.from_numpy(np.stack([self.window(rng, names[pick], length) for pick in picks]))

    def window(self, rng, domain, length):
        ids = self.ids[domain]
        start = rng.integers(0, max(1, len(ids) - length + 1 - (NEAR if self.ends is not None else 0)))
        if self.ends is not None:
            near = np.flatnonzero(self.ends[ids[start : start + NEAR]])
            start += near[0] + 1 if len(near) else 0
        return np.resize(ids[start : start + length], length).astype(np.int64)

    def windows(self, domain, length, most):
        """Up to `most` windows that do not overlap, spread evenly: ids [N, length]."""
        ids = self.ids[domain]
        count = min(most, len(ids) // length)
        starts = np.linspace(0, len(ids) - length, count).astype(np.int64)
        return torch.from_numpy(np.stack([ids[start : start + length] for start in starts]).astype(np.int64))
