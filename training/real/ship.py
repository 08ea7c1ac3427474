"""Puts a real model's dictionaries beside the page: `training/cpu.sh -m real.ship --run RUN --out FOLDER`, after
real.figures and real.features.

FOLDER, `public/models/smollm2-135m-instruct`, comes out anew: the folders of RUN/shipped/sae with `sae/index.json`, and the
card, as `card.json` and README.md. SystemExit where a bar is missed, a file is over its size, or the figures are of other
weights. Without --run it writes README.md again from card.json.
"""

import argparse
import json
import pathlib
import shutil

import numpy as np

from files.tensors import header, read_file
from files.whole import sha256, write_json
from real.card import BARS, missed, render

FILES = ('cfg.json', 'sae_weights.safetensors', 'feature_stats.json', 'features.safetensors')
MOST = {'sae_weights.safetensors': 10.7e6, 'features.safetensors': 2.5e6}
MOST_DICTIONARIES, MOST_FEATURES = 24e6, 5e6


def feature_figures(path):
    """What a site's features.safetensors holds, in figures."""
    data, metadata = read_file(path), header(path)['__metadata__']
    live = data['maximum'].numpy() > 0
    labelled = live & (np.diff(data['label.begin'].numpy()) > 0)
    median = lambda name: round(float(np.median(data[name].numpy()[labelled])), 3) if labelled.any() else None
    return dict(
        live=int(live.sum()),
        labelled=int(labelled.sum()),
        weights_sha256=metadata['weights_sha256'],
        model_sha256=metadata['model_sha256'],
        precision=median('label.precision'),
        recall=median('label.recall'),
        snippets=len(data['snippet.source']),
        tokens=json.loads(metadata['tokens']),
        rule=metadata['label.rule'],
        bytes=path.stat().st_size,
    )


def gather(run):
    """The card of what is in RUN/shipped."""
    found = json.loads((run / 'figures' / 'dictionaries.json').read_text())
    for hook, site in found['sites'].items():
        folder = run / 'shipped' / 'sae' / hook
        site['features'] = feature_figures(folder / 'features.safetensors')
        site['sha256'] = {name: sha256(folder / name) for name in FILES}
        site['bytes'] = {name: (folder / name).stat().st_size for name in FILES}
    return dict(format='lenslet-dictionary-card-1', source=json.loads((run / 'model/source.json').read_text()), **found)


def refuse(card):
    """SystemExit with everything that speaks against shipping."""
    reasons = [f'{name}: {figure} misses {BARS[name]}' for name, figure in missed(card)]
    sizes = {name: sum(site['bytes'][name] for site in card['sites'].values()) for name in FILES}
    for hook, site in card['sites'].items():
        if site['sha256']['sae_weights.safetensors'] != site['weights_sha256']:
            reasons.append(f'{hook}: the figures are of other weights')
        of = site['features']
        if (of['weights_sha256'], of['model_sha256']) != (site['weights_sha256'], card['model_sha256']):
            reasons.append(f'{hook}: the feature data are of other weights')
        reasons += [
            f'{hook}/{name} has {site["bytes"][name]} bytes' for name in MOST if site['bytes'][name] > MOST[name]
        ]
    if (
        sum(sizes.values()) - sizes['features.safetensors'] > MOST_DICTIONARIES
        or sizes['features.safetensors'] > MOST_FEATURES
    ):
        reasons.append(f'together they are too large: {sizes}')
    if card['source']['weights_sha256'] != card['model_sha256']:
        reasons.append('the figures are of another model')
    if reasons:
        raise SystemExit('Not shipped. ' + '; '.join(reasons))


def ship(run, out):
    card = gather(run)
    refuse(card)
    shutil.rmtree(out, ignore_errors=True)
    for hook in card['sites']:
        (out / 'sae' / hook).mkdir(parents=True)
        for name in FILES:
            shutil.copyfile(run / 'shipped' / 'sae' / hook / name, out / 'sae' / hook / name)
    (out / 'sae' / 'index.json').write_text(json.dumps(list(card['sites'])) + '\n')
    write_json(out / 'card.json', card)
    (out / 'README.md').write_text(render(card), encoding='utf-8')


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--run', type=pathlib.Path)
    parser.add_argument('--out', type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    if arguments.run:
        ship(arguments.run, arguments.out)
    else:
        (arguments.out / 'README.md').write_text(render(json.loads((arguments.out / 'card.json').read_text())))
