"""What figures and labels are measured on: `training/cpu.sh -m real.held_out --run RUN`; run again after a cut, it goes on.

RUN/written/dev.npy and test.npy: windows as of real.written but in float32, from seeds of their own, on which no dictionary
is trained; {split}-given.npy: of each, the tokens that it was given. Windows of training begin in the same ways, and behind
the same tokens residuals are the same: so what was given counts nowhere.
RUN/held-out/{split}-NNN.npz: the residuals of these and of the public windows of a split, as of real.residuals.
"""

import argparse
import pathlib
import time

import numpy as np
import torch

from files.whole import whole
from real import texts, written
from real.english import MIX
from real.residuals import BATCH, Below

SEEDS = {'dev': 1000, 'test': 1001}


def load(run, split):
    """The windows of a split, public and written: ids [N, WINDOW], their places in MIX [N], and how many tokens of each
    were given [N]."""
    ids, domain = texts.load(run, split)
    own, given = (np.load(pathlib.Path(run) / 'written' / f'{split}{of}.npy') for of in ('', '-given'))
    place = np.full(len(own), list(MIX).index('written'), domain.dtype)
    given = np.concatenate([np.zeros(len(ids), given.dtype), given])
    return np.concatenate([ids, own]), np.concatenate([domain, place]), given


def write(run):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(run / 'model')
    model = AutoModelForCausalLM.from_pretrained(run / 'model', dtype=torch.float32)
    (run / 'written').mkdir(exist_ok=True)
    for split, seed in SEEDS.items():
        path, rng = run / 'written' / f'{split}.npy', np.random.default_rng([19, seed])
        if path.exists() and path.with_name(f'{split}-given.npy').exists():
            continue
        prompts = [tokenizer(written.opening(rng))['input_ids'] for _ in range(written.ROWS)]
        with whole(path.with_name(f'{split}-given.npy')) as part, open(part, 'wb') as file:
            np.save(file, np.array([len(prompt) for prompt in prompts], np.uint16))
        with whole(path) as part, open(part, 'wb') as file:
            np.save(file, written.batch(model, prompts, seed))
        print(f'{path.name} is written', flush=True)


def read(run):
    below, into = Below(run / 'model'), run / 'held-out'
    into.mkdir(exist_ok=True)
    for split in SEEDS:
        windows = load(run, split)[0]
        for at in range(0, len(windows), BATCH):
            path, began = into / f'{split}-{at // BATCH:03}.npz', time.time()
            if path.exists():
                continue
            ids = windows[at : at + BATCH]
            found = {str(layer): h.half().numpy() for layer, h in below.residuals(ids).items()}
            with whole(path) as part, open(part, 'wb') as file:
                np.savez(file, ids=ids, **found)
            print(f'{path.name}: {ids.size / (time.time() - began):.0f} tokens a second', flush=True)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--run', type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    write(arguments.run)
    read(arguments.run)
