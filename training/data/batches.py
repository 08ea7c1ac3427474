"""Encoded texts as batches. The batch of a step depends on the seed and the step alone, so that a resumed run sees what it would have."""
import pathlib

import numpy as np
import torch

# Shares of the training tokens, and the weights of "overall" in every figure.
MIX = dict(en_simple=.27, en_books=.07, zh_poem=.14, zh_novel=.08, zh_classical=.05, zh_bible=.02, zh_docs=.02, zh_modern=.02,
           tatoeba=.05, gsm8k=.04, arithmetic=.14, chat=.10)


class Texts:
    def __init__(self, run, split, mix=None):
        folder = pathlib.Path(run) / 'ids' / split
        self.ids = {file.stem: np.fromfile(file, dtype=np.uint16) for file in sorted(folder.glob('*.bin'))}
        self.mix = {name: share for name, share in (mix or MIX).items() if name in self.ids}
        self.shares = np.array(list(self.mix.values())) / sum(self.mix.values())

    def batch(self, seed, rows, length):
        """ids [rows, length], each row a window of one domain."""
        rng = np.random.default_rng(seed)
        names = list(self.mix)
        picks = rng.choice(len(names), rows, p=self.shares)
        return torch.from_numpy(np.stack([self.window(rng, names[pick], length) for pick in picks]))

    def window(self, rng, domain, length):
        ids = self.ids[domain]
        start = rng.integers(0, max(1, len(ids) - length + 1))
        return np.resize(ids[start:start + length], length).astype(np.int64)

    def windows(self, domain, length, most):
        """Up to `most` windows that do not overlap, spread evenly: ids [N, length]."""
        ids = self.ids[domain]
        count = min(most, len(ids) // length)
        starts = np.linspace(0, len(ids) - length, count).astype(np.int64)
        return torch.from_numpy(np.stack([ids[start:start + length] for start in starts]).astype(np.int64))
