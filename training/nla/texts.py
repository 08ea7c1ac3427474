"""Descriptions of positions as ids, for training and measuring: wordings are drawn anew in every epoch."""

import json
import pathlib
import random
import subprocess
import tempfile

import numpy as np
import torch

from files.tokens import markers
from nla import pair
from nla.wordings import LEVEL, describe

HERE = pathlib.Path(__file__).parent
BLUR = 0.3  # of the sentences that the reconstructor reads


def positions(run, split):
    """(rows of claims and texts, residuals [N, d] float32)."""
    folder = pathlib.Path(run) / 'nla'
    rows = [json.loads(line) for line in (folder / f'{split}.jsonl').read_text(encoding='utf-8').split('\n')]
    return rows, torch.from_numpy(np.load(folder / f'{split}.npy').astype(np.float32))


class Encoder:
    """Texts to ids with the model's tokenizer, in which the pair's markers have their first names."""

    def __init__(self, run):
        self.folder = pathlib.Path(run) / 'tokenizer'
        names = markers(self.folder)
        self.end = names['<|explain_end|>']
        self.prompt = self([pair.original(pair.CHAT.format(pair.AV_TEMPLATE.format(injection_char='㈎')))])[0]
        self.marker = self.prompt.index(names['<|vector|>'])

    def __call__(self, texts):
        with tempfile.TemporaryDirectory() as folder:
            into, out = pathlib.Path(folder) / 'texts', pathlib.Path(folder) / 'ids'
            into.write_text('\0'.join(texts), encoding='utf-8')
            subprocess.run(['node', str(HERE / 'encode.mjs'), str(self.folder), str(into), str(out)], check=True)
            flat, rows, at = np.fromfile(out, dtype=np.uint16), [], 0
        for _ in texts:
            rows.append(flat[at + 1 : at + 1 + int(flat[at])].tolist())
            at += 1 + int(flat[at])
        return rows

    def told(self, explanations):
        """Prompt and answer of each explanation."""
        return [self.prompt + row for row in self([pair.original(pair.wrapped(text)) for text in explanations])]

    def read(self, explanations):
        """What the reconstructor reads of each."""
        return self([pair.AR_TEMPLATE.format(explanation=text) for text in explanations])


def some_of(claims, rng):
    """Claims as the reconstructor meets them: mostly all, else fewer, down to none, so that any sentence of a
    description can be judged alone."""
    roll = rng.random()
    if roll < 0.55:
        return claims
    if roll < 0.75:
        return [claim for claim in claims if rng.random() < 0.65]
    if roll < 0.92:
        level = rng.randrange(3)
        return [claim for claim in claims if LEVEL[claim[0]] == level]
    if roll < 0.97:
        return [claim for claim in claims if claim[0] == 'next']
    return []


def chunk(encoder, role, rows, seed):
    """ids of every row's description, for `role` 'av' or 'ar'."""
    rng = random.Random(seed)
    if role == 'av':
        return encoder.told([describe(row['claims'], rng) for row in rows])
    return encoder.read([describe(some_of(row['claims'], rng), rng, blur=BLUR) for row in rows])
