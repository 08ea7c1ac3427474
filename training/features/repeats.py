"""Which tokens repeat a text that may not be shown."""

import numpy as np

NGRAM = 12


class Known:
    """Knows every run of NGRAM tokens of some lists of ids by a 64-bit hash: a snippet that repeats one is not shown."""

    def __init__(self, texts):
        self.table = np.random.default_rng(12).integers(0, 1 << 64, 1 << 16, dtype=np.uint64)
        self.known = np.unique(np.concatenate([self.hashes(ids) for ids in texts]))

    def hashes(self, ids):
        """One for each run of NGRAM ids: a polynomial in an odd number over random numbers, modulo 2^64."""
        total, values = np.zeros(max(0, len(ids) - NGRAM + 1), np.uint64), self.table[ids]
        for place in range(NGRAM):
            total = total * np.uint64(0x9E3779B97F4A7C15) + values[place : place + len(total)]
        return total

    def repeats(self, ids):
        """Whether the NGRAM ids that begin at each position stand in the training corpora."""
        hashes = self.hashes(ids)
        places = np.searchsorted(self.known, hashes).clip(max=len(self.known) - 1)
        return np.append(self.known[places] == hashes, np.zeros(len(ids) - len(hashes), bool))
