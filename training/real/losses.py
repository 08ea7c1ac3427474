"""What a format of the weights costs a real model on held-out text, in PyTorch on the numbers that the format keeps:
`training/cpu.sh -m real.losses --model RUN/model --ids RUN/ids/test.npz --out RUN/losses`.

Lenslet is shown equal to these numbers elsewhere (`truth.py`), so that the many tokens need not run in it. Windows are
read from `ids` [N, WINDOW], spread evenly over the file. OUT/{format}.json comes out: nats of every window, and for each
dictionary under --dictionaries (SAELens' folders, encoded by SAELens) the Jaccard index of the active features with
those of float32, position by position but the first. What is there already is not computed again.

Needs the environment of `folder.py`, and sae-lens where there are dictionaries.
"""

import argparse
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

from files.whole import whole, write_json
from real.truth import FORMATS, open_model, reading

BATCH = 4


def spread(ids, count):
    """At most `count` rows from the first to the last."""
    places = np.unique(np.linspace(0, len(ids) - 1, min(count, len(ids))).round().astype(int))
    return torch.from_numpy(ids[places].astype(np.int64))


def layer_of(sae):
    return int(sae.cfg.metadata.hook_name.split('.')[1])


@torch.no_grad()
def read(model, ids, layers):
    """Nats a token of each window [B], and residuals behind the blocks `layers`, each [B, T, d]."""
    with reading(model, layers) as found:
        logits = model(ids, use_cache=False).logits
    nats = F.cross_entropy(logits[:, :-1].transpose(1, 2), ids[:, 1:], reduction='none')
    return nats.mean(1), found


def overlap(ours, theirs):
    """Jaccard index of each row's active features [N, width]; 1 where neither has one."""
    both, either = (ours & theirs).sum(1), (ours | theirs).sum(1)
    return np.where(either == 0, 1, both / np.maximum(either, 1))


@torch.no_grad()
def measure(model, windows, saes, reference, say=lambda done: None):
    """Nats of each window; and by layer the features that are active [tokens, width] as packed bits, or where
    `reference` has them of float32, the Jaccard index with those."""
    nats, active = [], {layer: [] for layer in saes}
    for at in range(0, len(windows), BATCH):
        own, residuals = read(model, windows[at : at + BATCH], saes)
        nats += own.tolist()
        for layer, sae in saes.items():
            codes = sae.encode(residuals[layer][:, 1:].reshape(-1, residuals[layer].shape[-1]))
            active[layer].append(np.packbits((codes > 0).numpy(), axis=1))
        say(at + len(own))
    active = {layer: np.concatenate(rows) for layer, rows in active.items()}
    if reference is None:
        return nats, active
    bits = lambda packed: np.unpackbits(packed, axis=1).astype(bool)
    return nats, {layer: float(overlap(bits(rows), bits(reference[layer])).mean()) for layer, rows in active.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', type=pathlib.Path, required=True)
    parser.add_argument('--ids', type=pathlib.Path, required=True)
    parser.add_argument('--out', type=pathlib.Path, required=True)
    parser.add_argument('--windows', type=int, default=80)
    parser.add_argument('--formats', nargs='+', choices=FORMATS, default=['f32', 'f16', 'q8'])
    parser.add_argument('--dictionaries', type=pathlib.Path, help='folder with folders of SAELens')
    options = parser.parse_args()
    saes = {}
    if options.dictionaries:
        from sae_lens import SAE

        found = [SAE.load_from_disk(str(cfg.parent)) for cfg in options.dictionaries.glob('*/cfg.json')]
        saes = {layer_of(sae): sae for sae in sorted(found, key=layer_of)}
    options.out.mkdir(parents=True, exist_ok=True)
    windows = spread(np.load(options.ids)['ids'], options.windows)
    say = lambda form: lambda done: print(f'{form}: {done} of {len(windows)} windows', flush=True)
    kept = options.out / 'f32-active.npz'
    for form in sorted(options.formats, key=FORMATS.index):
        path = options.out / f'{form}.json'
        if path.exists() and (not saes or json.loads(path.read_text()).get('sites')):
            continue
        reference = {int(name): rows for name, rows in np.load(kept).items()} if form != 'f32' and saes else {}
        model = open_model(options.model, form)
        nats, sites = measure(model, windows, saes, None if form == 'f32' else reference, say(form))
        if form == 'f32':
            with whole(kept) as part, open(part, 'wb') as file:
                np.savez(file, **{str(layer): rows for layer, rows in sites.items()})
            sites = {layer: 1.0 for layer in sites}
        write_json(path, {'tokens': windows[:, 1:].numel(), 'window': windows.shape[1], 'nats': nats, 'sites': sites})


if __name__ == '__main__':
    main()
