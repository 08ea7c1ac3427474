"""Texts to show features on: `training/cpu.sh -m features.written --model FOLDER --run RUN --tokens 2.2e6`; run again
after a cut, it goes on.

The model writes them itself from the first tokens of training documents, by the mix, so that no corpus need be shipped;
a tenth as much arithmetic is generated beside them, since features of numbers want right answers. RUN/written/NNN.npy:
uint16 [rows, LENGTH], each row an <|endoftext|> and what followed it. A row goes on behind a further <|endoftext|> as
the model learnt to: another text of the same kind. RUN/written/arithmetic.npy: [1, tokens]. The same seed and weights
give the same texts.
"""

import argparse
import pathlib
import random
import time

import numpy as np
import torch

from data import arithmetic
from data.batches import Texts
from files.tokens import markers, tokenize
from files.whole import sha256, whole
from model.sampler import generate
from model.transformer import open_model

ROWS, LENGTH = 512, 192
TEMPERATURES, NUCLEUS = (0.8, 0.9, 1.0), 0.98
BARE = 0.1  # share of rows that begin with nothing but <|endoftext|>
OPENING = 3  # most tokens of a training document that a row begins with
TEMPLATE = 3  # tokens of chat's fixed opening: <|im_start|>user↵
ARITHMETIC = 0.1


def end_of_text(folder):
    """The id of <|endoftext|> in a folder that has a tokenizer."""
    return markers(folder)['<|endoftext|>']


class Openings:
    """Beginnings of training documents, drawn by the mix."""

    def __init__(self, run):
        texts, self.end = Texts(run, 'train'), end_of_text(pathlib.Path(run) / 'tokenizer')
        self.names, self.shares, self.ids = list(texts.mix), texts.shares, texts.ids
        self.starts = {name: np.flatnonzero(ids[: -OPENING - TEMPLATE] == self.end) for name, ids in texts.ids.items()}

    def draw(self, rng):
        if rng.random() < BARE:
            return [self.end]
        name = self.names[rng.choice(len(self.names), p=self.shares)]
        start = rng.choice(self.starts[name])
        taken = self.ids[name][
            start + 1 : start + 1 + rng.integers(1, OPENING + 1) + (TEMPLATE if name == 'chat' else 0)
        ]
        return [self.end, *taken[: np.argmax(np.append(taken == self.end, True))].tolist()]


def batch(model, openings, seed, rows=ROWS):
    rng = np.random.default_rng([16, seed])
    prompts = [openings.draw(rng) for _ in range(rows)]
    count = LENGTH - min(map(len, prompts))
    with torch.autocast('cpu', dtype=torch.bfloat16):
        written = generate(model, prompts, count, TEMPERATURES[seed % len(TEMPERATURES)], NUCLEUS, seed)
    return np.array([(prompt + row)[:LENGTH] for prompt, row in zip(prompts, written)], np.uint16)


def generated(folder, tokens):
    """Arithmetic of the training side from a seed of its own, at least `tokens` tokens of it."""
    rng, out, size, end = random.Random('lenslet written'), [], 0, end_of_text(folder)
    while size < tokens:
        for text in tokenize(folder, [arithmetic.document(rng) for _ in range(500)]):
            out += [end, *text['ids']]
        size = len(out)
    return np.array([out], np.uint16)


def save(path, array):
    with whole(path) as part, open(part, 'wb') as file:
        np.save(file, array)


def check(path, digest):
    if path.exists() and path.read_text() != digest:
        raise ValueError(f'{path.parent} holds what another model wrote: remove it first')
    path.write_text(digest)


def write(folder, run, tokens):
    into = pathlib.Path(run) / 'written'
    into.mkdir(parents=True, exist_ok=True)
    check(into / 'model.sha256', sha256(pathlib.Path(folder) / 'model.safetensors'))
    model, openings, began, done = open_model(folder), Openings(run), time.time(), 0
    batches = -(-int(tokens) // (ROWS * LENGTH))
    for number in range(batches):
        path = into / f'{number:03}.npy'
        if path.exists():
            continue
        save(path, batch(model, openings, number))
        done += ROWS * LENGTH
        print(f'{number + 1} of {batches}: {done / (time.time() - began):.0f} tokens a second', flush=True)
    if not (into / 'arithmetic.npy').exists():
        save(into / 'arithmetic.npy', generated(folder, ARITHMETIC * tokens))


def read(run):
    """What `write` left: the model's rows [N, LENGTH], and the arithmetic [tokens]."""
    into = pathlib.Path(run) / 'written'
    return np.concatenate([np.load(path) for path in sorted(into.glob('[0-9]*.npy'))]), np.load(
        into / 'arithmetic.npy'
    )[0]


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', required=True)
    parser.add_argument('--run', required=True)
    parser.add_argument('--tokens', type=float, default=2.2e6)
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    write(arguments.model, arguments.run, arguments.tokens)
