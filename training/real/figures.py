"""What a real model's dictionaries explain of held-out text: `training/cpu.sh -m real.figures --run RUN`, after
real.dictionaries and real.held_out.

RUN/shipped/sae/HOOK/ comes out: SAELens' folder with both matrices in float16, and `feature_stats.json` beside it.
RUN/figures/dictionaries.json has the figures, measured on those weights: of the dictionary as it is shipped, in the
float32 that it was trained in, of one with a random decoder that was frozen, and of a random one.

Every domain weighs in with its share of the mix. Position 0 of a window, what was given of one that the model wrote, and
sinks count nowhere and stay as they are in the edited stream. FVU = sum |h - h^|^2 / sum |h - mean|^2; recovered = (CE_x - CE_h^) / (CE_x - CE), the residual of a
site being replaced by zeros or by the mean for x, by h^.
"""

import argparse
import json
import pathlib
import time

import numpy as np
import torch

from dictionaries.train import random_dictionary
from files.tensors import read_file, write_file
from files.whole import sha256, write_json
from real import held_out
from real.english import MIX
from real.residuals import SITES
from real.saes import Dictionary, slots
from real.sinks import counted, median_norm
from real.stored import Stored

NAME = 'blocks.{}.hook_resid_post'
ROWS, K = 8, 32  # windows at once; active features of a token, on average
EDITED = 40  # windows whose cross-entropy is computed, the mix over
CONTROL_ROWS, SEED = 20_000, 19


def halved(source, out):
    """SAELens' folder with matrices in float16; vectors are small and stay as they are."""
    out.mkdir(parents=True, exist_ok=True)
    tensors = read_file(source / 'sae_weights.safetensors')
    write_file(
        out / 'sae_weights.safetensors',
        {name: tensor.half() if tensor.dim() == 2 else tensor for name, tensor in tensors.items()},
    )
    (out / 'cfg.json').write_text((source / 'cfg.json').read_text())


def weights_of(domain):
    """Of each window [N], so that every domain has its share of the mix; they sum to 1."""
    counts = np.bincount(domain, minlength=len(MIX))
    shares = np.array(list(MIX.values())) * (counts > 0)
    return torch.from_numpy((shares / np.maximum(counts, 1) / shares.sum())[domain])


def spread(domain, count):
    """`count` windows with the domains' shares of the mix, evenly spaced in each domain."""
    out = []
    for place, share in enumerate(MIX.values()):
        own = np.flatnonzero(domain == place)
        most = min(len(own), round(share * count))
        out += own[np.linspace(0, len(own) - 1, most).astype(int)].tolist() if most else []
    return out


def interval(figure, size, draws=1000):
    """95 % interval of `figure(counts)` by bootstrap over windows, counts [draws, size]."""
    picks = torch.randint(size, (draws, size), generator=torch.Generator().manual_seed(0))
    counts = torch.zeros(draws, size, dtype=torch.double).scatter_add_(1, picks, torch.ones(picks.shape).double())
    quantiles = torch.tensor([0.025, 0.975], dtype=torch.double)
    return [round(value, 5) for value in figure(counts).quantile(quantiles).tolist()]


class Held:
    """The held-out windows of one site: `ids` [N, T], residuals `h` float16 [N, T, d], `kept` bool [N, T], where they count,
    `weights` [N] that sum to 1, the `median` norm and the `mean` of what counts. The first `given` [N] tokens of a window
    count nowhere."""

    def __init__(self, stored, layer, ids, domain, given):
        self.ids, self.layer = torch.from_numpy(ids.astype(np.int64)), layer
        self.h = torch.cat([stored.residuals(part, (layer,))[layer].half() for part in self.ids.split(48)])
        self.median = median_norm(self.h)
        own = torch.arange(self.ids.shape[1])[None] >= torch.from_numpy(given.astype(np.int64))[:, None]
        self.kept = own & torch.cat([counted(part, self.median) for part in self.h.split(ROWS)])
        self.sinks = int((own & ~self.kept)[:, 1:].sum())
        self.weights = weights_of(domain)
        each = self.weights[:, None] * self.kept
        self.each = each / each.sum()
        self.mean = sum(
            torch.einsum('nt,ntd->d', w.float(), h.float()) for w, h in zip(self.each.split(ROWS), self.h.split(ROWS))
        )

    def rows(self, count):
        """About `count` residuals that count, [., d]."""
        found = self.h[self.kept]
        return found[:: max(1, len(found) // count)].float()

    def edited(self, part, guess):
        """The residual of windows `part` with `guess` where positions count."""
        return torch.where(self.kept[part][..., None], guess, self.h[part].float())


@torch.no_grad()
def explained(held, dictionary):
    """(figures, statistics): what a table shows, and what `feature_stats.json` holds."""
    maximum, density = torch.zeros(dictionary.width), torch.zeros(dictionary.width, dtype=torch.double)
    missing, total, active = [], [], 0.0
    for h, kept, each in zip(held.h.split(ROWS), held.kept.split(ROWS), held.each.split(ROWS)):
        rows, weight = h.float().flatten(0, 1), each.flatten()
        values, ids = dictionary.codes(rows)
        values = values * kept.flatten()[:, None]
        error = (rows - dictionary.decode(values, ids)).square().sum(-1)
        missing.append((error * weight).view(len(h), -1).sum(1))
        total.append(((rows - held.mean).square().sum(-1) * weight).view(len(h), -1).sum(1))
        fires = values > 0
        active += float((fires.sum(1) * weight).sum())
        density += torch.bincount(ids[fires], weight[:, None].expand_as(values)[fires], minlength=dictionary.width)
        maximum.scatter_reduce_(0, ids[fires], values[fires], 'amax')
    missing, total = torch.cat(missing), torch.cat(total)
    fvu = lambda counts: (counts @ missing) / (counts @ total)
    figures = dict(
        fvu=round(float(missing.sum() / total.sum()), 5),
        fvu_interval=interval(fvu, len(missing)),
        active=round(active, 2),
        dead=round(float((maximum == 0).float().mean()), 5),
        tokens=int(held.kept.sum()),
    )
    rounded = lambda values, places: [round(value, places) for value in values.tolist()]
    stats = dict(
        note='held-out text, every domain with its share of the mix; position 0 of each window, what the model was given to go on from, and sinks left out',
        tokens=figures['tokens'],
        fvu=figures['fvu'],
        residual_norm_median=round(held.median, 4),
        mean=rounded(held.mean, 5),
        max_activation=rounded(maximum, 3),
        density=rounded(density, 7),
    )
    return figures, stats


class Losses:
    """Cross-entropies of a sample of windows, as the stream of a site is replaced."""

    def __init__(self, network, held, sample, clean):
        self.network, self.held, self.sample, self.clean = network, held, sample, clean
        self.zero, self.average = self.of(lambda h: torch.zeros_like(h)), self.of(lambda h: held.mean.expand_as(h))

    def of(self, guess):
        """Mean nats a token of each window [n]; `guess(h)` replaces residuals h [B, T, d]."""
        out = []
        for at in range(0, len(self.sample), ROWS):
            part = self.sample[at : at + ROWS]
            h = self.held.edited(part, guess(self.held.h[part].float()))
            out.append(self.network.cross_entropy(self.held.ids[part], h, self.held.layer + 1).mean(1))
        return torch.cat(out).double()

    @torch.no_grad()
    def recovered(self, dictionary):
        def guess(h):
            values, ids = dictionary.codes(h.flatten(0, 1))
            return dictionary.decode(values, ids).view(h.shape)

        edited, out = self.of(guess), dict(cross_entropy=self.means())
        out['cross_entropy'].update(dictionary=round(float(edited.mean()), 4))
        for name, ablated in (('zero', self.zero), ('mean', self.average)):
            share = lambda counts: (counts @ (ablated - edited)) / (counts @ (ablated - self.clean))
            out[f'recovered_{name}'] = round(float(share(torch.ones(1, len(edited)).double())), 5)
            out[f'recovered_{name}_interval'] = interval(share, len(edited))
        return out

    def means(self):
        named = (('clean', self.clean), ('zero', self.zero), ('mean', self.average))
        return {name: round(float(losses.mean()), 4) for name, losses in named}


def with_room(dictionary, held):
    """A dictionary with a threshold, with the room for latents that Lenslet makes for their average number here."""
    if dictionary.architecture == 'jumprelu':
        dictionary.k = slots(dictionary.width, explained(held, dictionary)[0]['active'])
    return dictionary


def trained_how(folder):
    return json.loads((folder / 'training.json').read_text())


def measure(run, layer, held, network, sample, clean):
    """The entry of a site, with every control."""
    began, hook = time.time(), NAME.format(layer)
    source, out = run / 'sae' / hook, run / 'shipped' / 'sae' / hook
    frozen = run / 'sae' / f'frozen.{layer}'
    halved(source, out)
    losses = Losses(network, held, sample, clean)
    both = lambda one: {**explained(held, one)[0], **losses.recovered(one)}
    exact = both(with_room(Dictionary(source), held))
    config = json.loads((out / 'cfg.json').read_text())
    if config['architecture'] == 'jumprelu':
        # Lenslet makes room for the latents of a token by their average number.
        config['metadata']['l0'] = exact['active']
        (out / 'cfg.json').write_text(json.dumps(config))
    shipped = Dictionary(out)
    figures, stats = explained(held, shipped)
    (out / 'feature_stats.json').write_text(json.dumps(stats) + '\n')
    rows = held.rows(CONTROL_ROWS)
    entry = dict(
        layer=layer,
        architecture=config['metadata'].get('training_architecture', config['architecture']),
        width=shipped.width,
        weights_sha256=sha256(out / 'sae_weights.safetensors'),
        training=trained_how(source),
        saelens=config['metadata']['sae_lens_version'],
        sinks=held.sinks,
        norm_median=round(held.median, 3),
        centred_norm_median=round(float((rows - held.mean).norm(dim=1).median()), 3),
        trained={**figures, **losses.recovered(shipped)},
        float32=exact,
        frozen={**both(with_room(Dictionary(frozen), held)), 'training': trained_how(frozen)},
        random=both(random_dictionary(rows, shipped.width, K, SEED)),
    )
    print(f'{hook}: {json.dumps(entry["trained"])} in {time.time() - began:.0f} s', flush=True)
    return entry


def figures(run, stored, network):
    ids, domain, given = held_out.load(run, 'test')
    sample, sites = spread(domain, EDITED), {}
    picked = torch.from_numpy(ids[sample].astype(np.int64))
    clean = torch.cat([network.cross_entropy(part).mean(1) for part in picked.split(ROWS)]).double()
    for layer in SITES:
        held = Held(stored, layer, ids, domain, given)
        sites[NAME.format(layer)] = measure(run, layer, held, network, sample, clean)
    (run / 'figures').mkdir(exist_ok=True)
    document = dict(
        mix=MIX,
        window=ids.shape[1],
        windows=len(ids),
        edited_windows=len(sample),
        model_sha256=sha256(run / 'model' / 'model.safetensors'),
        sites=sites,
    )
    write_json(run / 'figures' / 'dictionaries.json', document)
    return document


if __name__ == '__main__':
    from real.model import Real

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--run', type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    run = arguments.run
    figures(run, Stored(run / 'model', (run / 'held-out',)), Real(run / 'model'))
