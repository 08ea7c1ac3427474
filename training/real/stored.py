"""Residuals that were computed once, by the windows that they are of."""

import pathlib

import numpy as np
import torch

from files.tensors import read_folder
from real.sinks import is_sink


class Stored:
    """A real model as `features.sites.Material` asks for one, without the network: residuals are looked up in the files of
    `folders` (as real.residuals writes them). `medians`: each site's median norm, by which sinks are told. KeyError for
    windows that are in none of the files."""

    def __init__(self, model, folders, medians=None):
        weights = read_folder(model)
        self.norm, embedding = weights['model.norm.weight'], weights['model.embed_tokens.weight']
        self.unembedding, self.medians = weights.get('lm_head.weight', embedding), medians
        if len(embedding) > 1 << 16:
            raise SystemExit('Windows are kept as 16-bit ids: this model has more tokens.')
        self.places, self.files = {}, []
        for path in sorted(path for folder in folders for path in pathlib.Path(folder).glob('*.npz')):
            with np.load(path) as found:
                ids = found['ids'].astype(np.uint16)
            self.places.update((row.tobytes(), (len(self.files), at)) for at, row in enumerate(ids))
            self.files.append(path)

    def residuals(self, ids, layers):
        """{layer: float32 [B, T, d]} of windows [B, T]."""
        places = [self.places[row.tobytes()] for row in ids.numpy().astype(np.uint16)]
        out = {layer: [None] * len(places) for layer in layers}
        for number in sorted({file for file, _ in places}):
            with np.load(self.files[number]) as found:
                for layer in layers:
                    h = found[str(layer)]
                    for row, (file, at) in enumerate(places):
                        if file == number:
                            out[layer][row] = torch.from_numpy(h[at])
        return {layer: torch.stack(rows).float() for layer, rows in out.items()}

    def sinks(self, layer, h):
        return is_sink(h, self.medians[layer])
