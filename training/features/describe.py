"""What is shown of every feature of lenslet-mini's dictionaries: `training/cpu.sh -m features.describe --model FOLDER
--run RUN`, after written.py.

FOLDER/sae/SITE/features.safetensors comes out beside each SAE: densities, maximum and histogram of the firings, tokens
promoted and suppressed, similar features here and at the other sites, a label by rule (labels.py), and snippets of
texts the model wrote itself or that were generated, at the top firings and in bands below them. No text of a corpus is
in it. training/README.md lists the tensors.
"""

import argparse
import pathlib

import numpy as np
import torch

from data.batches import Texts
from features import written
from features.bilingual import RULES
from features.firings import ARITHMETIC, MODEL, Stream
from features.labels import Vocabulary
from features.repeats import Known
from features.sites import Material, describe_sites
from files.whole import sha256
from model.transformer import open_model
from reference.sae import open_saes

# What the project's own generators make is in the project already.
GENERATED = ('arithmetic', 'chat', 'zh_modern')


class Mini:
    """lenslet-mini as `Material` and `encode` ask for a model."""

    def __init__(self, folder):
        self.network = open_model(folder)
        self.norm = self.network.model.norm.weight
        self.unembedding = self.network.model.embed_tokens.weight

    def residuals(self, ids, layers):
        found = {}

        def site(layer, h):
            if layer in layers:
                found[layer] = h.float()
            return h

        with torch.autocast('cpu', dtype=torch.bfloat16):
            self.network.blocks(self.network.model.embed_tokens(ids), last=max(layers) + 1, site=site)
        return found

    def sinks(self, layer, h):
        """None but the first token of a window, which counts nowhere."""
        return torch.zeros(len(h), dtype=torch.bool)


def own(run):
    rows, arithmetic = written.read(run)
    ids = np.concatenate([rows.reshape(-1), arithmetic])
    source = np.repeat(np.array([MODEL, ARITHMETIC], np.uint8), [rows.size, len(arithmetic)])
    end = written.end_of_text(run / 'tokenizer')
    return Stream('written', end, ids, np.arange(0, rows.size + 1, rows.shape[1]), source=source)


def real(run, split):
    texts = Texts(run, split).ids
    sizes = [len(texts[name]) for name in RULES.domains]
    ids = np.concatenate([texts[name] for name in RULES.domains])
    domain = np.repeat(np.arange(len(sizes)), sizes)
    return Stream(split, written.end_of_text(run / 'tokenizer'), ids, np.cumsum([0, *sizes]), domain=domain)


def known(run):
    return Known(ids for name, ids in Texts(run, 'train').ids.items() if name not in GENERATED)


def describe(folder, run):
    folder, run = pathlib.Path(folder), pathlib.Path(run)
    saes = open_saes(folder)
    folders = {layer: folder / 'sae' / f'blocks.{layer}.hook_resid_post' for layer in saes}
    weights = {str(layer): sha256(path / 'sae_weights.safetensors') for layer, path in folders.items()}
    weights['model'] = sha256(folder / 'model.safetensors')
    streams = own(run), real(run, 'dev'), real(run, 'test')
    describe_sites(Material(Mini(folder), saes, Vocabulary(folder), RULES, *streams, known(run), weights), folders, run)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', required=True)
    parser.add_argument('--run', required=True)
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    describe(arguments.model, arguments.run)
