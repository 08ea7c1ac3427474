"""The residuals that a real model's dictionaries are trained on: `training/cpu.sh -m real.residuals --run RUN`; run again
after a cut, it goes on.

RUN/residuals/{source}-NNN.npz, one a batch of windows: `ids` [B, WINDOW] of the training split (source `train`) or of
what the model wrote (`written`), and for each site `{layer}`: float16 [B, WINDOW, d], the residual after that block of
transformers' own model, its matrices multiplied in bfloat16 and summed into a float32 residual stream: for training that
is enough, and takes half the time. Every figure is measured in float32 (figures.py).
"""

import argparse
import pathlib
import time

import numpy as np
import torch

from files.whole import whole
from real import texts, written

SITES = (10, 19)  # about 1/3 and 2/3 of 30 blocks
BATCH = 48
SOURCES = ('train', 'written')


class Below:
    """transformers' model up to the last site: the residual stream after chosen blocks."""

    def __init__(self, folder, sites=SITES):
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).model
        self.model.layers = self.model.layers[: max(sites) + 1]
        self.found = {}
        for layer in sites:
            self.model.layers[layer].register_forward_hook(self.keep(layer))

    def keep(self, layer):
        def hook(module, given, answer):
            self.found[layer] = answer[0] if isinstance(answer, tuple) else answer

        return hook

    @torch.no_grad()
    def residuals(self, ids, exact=True):
        """{layer: [B, T, d]} of ids [B, T]; `exact`: all in float32."""
        with torch.autocast('cpu', dtype=torch.bfloat16, enabled=not exact):
            self.model(torch.as_tensor(ids.astype(np.int64)), use_cache=False)
        return dict(self.found)


def batches(run, which):
    """(number, ids) of every batch of a source that there is."""
    windows = texts.load(run, 'train')[0] if which == 'train' else written.load(run)
    # In an order of chance, so that a part of the batches is a sample of all domains.
    windows = windows[np.random.default_rng(1).permutation(len(windows))] if which == 'train' else windows
    for number in range(-(-len(windows) // BATCH)):
        yield number, windows[number * BATCH : (number + 1) * BATCH]


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--run', type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    into = arguments.run / 'residuals'
    into.mkdir(exist_ok=True)
    below = Below(arguments.run / 'model')
    for source in SOURCES:
        for number, ids in batches(arguments.run, source):
            path, began = into / f'{source}-{number:03}.npz', time.time()
            if path.exists():
                continue
            found = {str(layer): h.half().numpy() for layer, h in below.residuals(ids, exact=False).items()}
            with whole(path) as part, open(part, 'wb') as file:
                np.savez(file, ids=ids, **found)
            print(f'{path.name}: {ids.size / (time.time() - began):.0f} tokens a second', flush=True)
