"""Trains the dictionaries of lenslet-mini: `training/cpu.sh -m dictionaries.make --model FOLDER --run RUN --out
FOLDER/sae [--choose 2048,16]`.

Without --choose: every width and k of the table at the middle site, with a small budget, measured on `dev`;
RUN/dictionaries/table.json. With it: one dictionary a site with the whole budget, written as SAELens folders under
--out, and beside it a random one of equal size, both measured on `test` from the float16 weights;
RUN/dictionaries/figures.json. Either file is written after every dictionary. Run again after a cut, what it lists is
not trained again; what another model or another budget gave is dropped.
"""

import argparse
import json
import pathlib
import time

import torch

from data.batches import Texts
from dictionaries.measure import dead_share, measure
from dictionaries.residuals import HeldOut, collect
from dictionaries.train import random_dictionary, train, write_folder
from files.whole import sha256, write_json
from model.transformer import open_model

SITES = (0, 2, 3)  # about 1/6, 1/2 and 2/3 of the depth
WIDTHS, KS = (1024, 2048), (8, 16, 32)
# Tokens of the training split, steps of 2048 of them, tokens of the held-out split.
TABLE = dict(tokens=400_000, steps=600, held_out=60_000)
FINAL = dict(tokens=1_200_000, steps=3000, held_out=220_000)
SEED = 2
NOTE = 'documents of the test split, every text source with its share of the mix; position 0 of each window excluded'


class Results:
    """A JSON file of finished dictionaries, by name, that belongs to one model and one budget."""

    def __init__(self, path, **key):
        self.path, self.entries = pathlib.Path(path), {}
        self.key = json.loads(json.dumps(key))
        if self.path.exists():
            stored = json.loads(self.path.read_text())
            if all(stored.get(name) == value for name, value in self.key.items()):
                self.entries = stored['dictionaries']

    def add(self, name, entry):
        self.entries[name] = entry
        write_json(self.path, {**self.key, 'dictionaries': self.entries})


class Material:
    """What every dictionary of a run is trained and measured on, made when the first one needs it."""

    def __init__(self, model, run, split, budget, length):
        began = time.time()
        self.training = collect(model, Texts(run, 'train'), SITES, budget['tokens'], length, SEED)
        self.collected = time.time()
        self.held = HeldOut(model, Texts(run, split), SITES, budget['held_out'], length)
        print(
            f'{budget["tokens"]:,} residuals a site in {self.collected - began:.0f} s, '
            f'{self.held.tokens:,} held-out tokens in {time.time() - self.collected:.0f} s',
            flush=True,
        )


def trained(material, layer, width, k, steps):
    """A finished dictionary and how long it took."""

    def report(step, fvu, dead, revived):
        if step % 500 == 0 or revived:
            print(
                f'site {layer}, width {width}, k {k}: step {step}, FVU {fvu:.4f}, dead {dead}, begun again {revived}',
                flush=True,
            )

    began = time.time()
    dictionary = train(material.training[layer], width, k, steps, SEED + layer, report=report).stored()
    return dictionary, round(time.time() - began, 1)


def table(model, run, results, length):
    material, layer = None, SITES[len(SITES) // 2]
    for width in WIDTHS:
        for k in KS:
            name = f'{layer}-{width}-{k}'
            if name in results.entries:
                continue
            material = material or Material(model, run, 'dev', TABLE, length)
            dictionary, seconds = trained(material, layer, width, k, TABLE['steps'])
            figures, _ = measure(material.held, layer, dictionary)
            results.add(name, dict(layer=layer, width=width, k=k, seconds=seconds, **figures))
            print(
                f'{name}: FVU {figures["fvu"]:.4f}, recovered {figures["recovered"]:.4f}, dead {figures["dead"]:.4f}',
                flush=True,
            )


def final(model, run, out, results, length, width, k):
    material = None
    for layer in SITES:
        name = f'blocks.{layer}.hook_resid_post'
        if name in results.entries and (out / name / 'sae_weights.safetensors').exists():
            continue
        material = material or Material(model, run, 'test', FINAL, length)
        dictionary, seconds = trained(material, layer, width, k, FINAL['steps'])
        figures, stats = measure(material.held, layer, dictionary)
        figures['dead_training'] = dead_share(dictionary, material.training[layer][::4])
        control = random_dictionary(material.training[layer], width, k, SEED + layer).stored()
        write_folder(out / name, dictionary, layer, 'lenslet-mini', dict(note=NOTE, **stats))
        results.add(
            name,
            dict(
                layer=layer,
                width=width,
                k=k,
                seconds=seconds,
                weights_sha256=sha256(out / name / 'sae_weights.safetensors'),
                trained=figures,
                random=measure(material.held, layer, control)[0],
            ),
        )
        print(
            f'{name}: FVU {figures["fvu"]:.4f}, recovered {figures["recovered"]:.4f}, dead {figures["dead"]:.4f}',
            flush=True,
        )
    (out / 'index.json').write_text(json.dumps([f'blocks.{layer}.hook_resid_post' for layer in SITES]) + '\n')


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', type=pathlib.Path, required=True)
    parser.add_argument('--run', type=pathlib.Path, required=True)
    parser.add_argument('--out', type=pathlib.Path, help='the sae/ folder of the model; needed with --choose')
    parser.add_argument('--choose', metavar='WIDTH,K', type=lambda text: tuple(int(part) for part in text.split(',')))
    parser.add_argument('--window', type=int, help='tokens of a window; without it, the context of the model')
    arguments = parser.parse_args()
    if arguments.choose and not arguments.out:
        parser.error('--choose writes the dictionaries to --out')
    torch.set_flush_denormal(True)
    model = open_model(arguments.model)
    length = arguments.window or model.shape.context
    folder = arguments.run / 'dictionaries'
    folder.mkdir(parents=True, exist_ok=True)
    weights = sha256(arguments.model / 'model.safetensors')
    if arguments.choose:
        width, k = arguments.choose
        results = Results(
            folder / 'figures.json', model_sha256=weights, window=length, split='test', width=width, k=k, **FINAL
        )
        final(model, arguments.run, arguments.out, results, length, width, k)
    else:
        table(
            model,
            arguments.run,
            Results(folder / 'table.json', model_sha256=weights, window=length, split='dev', **TABLE),
            length,
        )
