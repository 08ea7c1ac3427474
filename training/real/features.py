"""What is shown of every feature of a real model's dictionaries: `training/cpu.sh -m real.features --run RUN`, after
real.figures.

RUN/shipped/sae/HOOK/features.safetensors comes out beside each dictionary there, as of `features/sites.py`. Snippets are
of the model's own writing alone, and none repeats a run of tokens of the windows of public text. Labels are chosen and measured on
held-out public texts and on writing that no dictionary was trained on.
"""

import argparse
import json
import pathlib

import numpy as np
import torch

from features.firings import MODEL, of_windows
from features.labels import Vocabulary
from features.repeats import Known
from features.sites import Material, describe_sites
from features.snippets import Amount
from files.whole import sha256
from real import held_out, texts, written
from real.english import RULES
from real.saes import open_dictionaries
from real.stored import Stored

# Few and short, so that a site's file stays under 2.5 MB.
AMOUNT = Amount(top=3, each=1, before=9, after=5)


def folders_of(shipped):
    return {int(path.name.split('.')[1]): path for path in pathlib.Path(shipped).glob('sae/blocks.*')}


def describe(run, shipped, model, vocabulary):
    """`model`: as `features.sites.Material` asks for it."""
    saes, folders = open_dictionaries(shipped), folders_of(shipped)
    weights = {str(layer): sha256(folders[layer] / 'sae_weights.safetensors') for layer in saes}
    weights['model'] = sha256(run / 'model' / 'model.safetensors')
    own = written.load(run)
    end = own.dtype.type(vocabulary.end)

    def held_stream(split):
        ids, domain, given = held_out.load(run, split)
        return of_windows(split, end, ids, given, domain=domain)

    public = (ids for split in texts.WINDOWS for ids in texts.load(run, split)[0])
    material = Material(
        model=model,
        saes=saes,
        vocabulary=vocabulary,
        rules=RULES,
        written=of_windows('written', end, own, source=np.full(len(own), MODEL, np.uint8)),
        dev=held_stream('dev'),
        test=held_stream('test'),
        known=Known(public),
        weights=weights,
        amount=AMOUNT,
        compact=True,
    )
    describe_sites(material, folders, run)


def medians_of(shipped):
    stats = {
        layer: json.loads((path / 'feature_stats.json').read_text()) for layer, path in folders_of(shipped).items()
    }
    return {layer: found['residual_norm_median'] for layer, found in stats.items()}


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--run', type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    run, shipped = arguments.run, arguments.run / 'shipped'
    model = Stored(run / 'model', (run / 'residuals', run / 'held-out'), medians_of(shipped))
    describe(run, shipped, model, Vocabulary(run / 'model', end=None))
