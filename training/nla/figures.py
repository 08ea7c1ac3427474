"""Held-out figures of the pair before or after reinforcement: `training/cpu.sh -m nla.figures --model MODEL --run RUN
--stage after`.

RUN/figures/nla-{before,after}.json for the model card, and after it MODEL/nla/controls.json for the page. Positions are
of the test texts; the verbalizer answers greedily. FVE = 1 - E|p^ - g^|^2 / V with unit vectors p^, g^ and V = E|g^ -
mu|^2 over the training positions, mu their mean, not normalised: the definition of the open release. Intervals are 95
%: a bootstrap over the texts' windows for means, Wilson's for shares.
"""

import argparse
import base64
import copy
import json
import pathlib
import random
import re

import numpy as np
import torch
import torch.nn.functional as F

from files.whole import write_json
from model.evaluate import wilson
from model.transformer import open_model
from nla import reinforce, texts, warm
from nla.decode import Decoder, answers
from nla.export import states
from nla.pair import SCALE, errors, padded, unit
from nla.positions import SITE
from nla.truth import shares
from nla.warm import fresh
from nla.wordings import GENERIC, SHOWN, WORDINGS, describe

POSITIONS, WAYS, RESAMPLES, CONTROL_TEXTS, EXAMPLES = 2000, 10, 2000, 64, 8
QUOTED = re.compile('“[^”]*”')


def halves(model, encoder, run, before):
    """Both halves with the weights as they are shipped, in float16, computed in float32."""
    out = {}
    for role, state in states(run, before).items():
        out[role] = fresh(role, copy.deepcopy(model), encoder).eval().requires_grad_(False)
        out[role].load_state_dict({name: weight.half().float() for name, weight in state.items()})
    return out


@torch.no_grad()
def reconstructed(ar, encoder, explanations):
    rows, out = encoder.read(explanations), []
    order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
    for at in range(0, len(rows), 64):
        out.append(ar(*padded([rows[place] for place in order[at : at + 64]])))
    found = torch.empty(len(rows), out[0].shape[1])
    found[order] = torch.cat(out)
    return found


def explained(av, encoder, decoder, vectors):
    return [
        decoder.explanation(row)[0]
        for at in range(0, len(vectors), 100)
        for row in answers(av, encoder, vectors[at : at + 100], reinforce.MOST, 0)
    ]


class Means:
    """Means over positions with a bootstrap over the windows they are of: always the same draws, so that differences
    are paired."""

    def __init__(self, windows, seed=5):
        _, self.group = np.unique(windows, return_inverse=True)
        self.sizes = np.bincount(self.group)
        self.draws = np.random.default_rng(seed).integers(0, len(self.sizes), (RESAMPLES, len(self.sizes)))

    def __call__(self, values):
        values = np.asarray(values, float)
        sums = np.bincount(self.group, values)
        drawn = sums[self.draws].sum(1) / self.sizes[self.draws].sum(1)
        low, high = np.percentile(drawn, [2.5, 97.5])
        return dict(mean=float(values.mean()), low=float(low), high=float(high), n=len(values))


def other_window(windows, seed=3):
    """For every position another one, of another text."""
    rng, count = np.random.default_rng(seed), len(windows)
    picks = rng.permutation(count)
    for place in np.flatnonzero(np.asarray(windows)[picks] == np.asarray(windows)):
        while windows[picks[place]] == windows[place]:
            picks[place] = rng.integers(count)
    return picks


def matching(predicted, vectors, windows, seed=9):
    """Rank of the own vector among WAYS by cosine, [N] from 0; the others are of other texts."""
    rng, p, g, ranks = np.random.default_rng(seed), unit(predicted), unit(vectors), []
    for place in range(len(p)):
        others = []
        while len(others) < WAYS - 1:
            other = int(rng.integers(len(p)))
            if windows[other] != windows[place] and other not in others:
                others.append(other)
        own, rest = float(p[place] @ g[place]), g[others] @ p[place]
        ranks.append(int((rest >= own).sum()))
    return np.array(ranks)


def measure(pair, encoder, decoder, rows, vectors, mu, variance):
    """All figures of one pair."""
    windows = [row['window'] for row in rows]
    means, others = Means(windows), other_window(windows)
    told = explained(pair['av'], encoder, decoder, vectors)
    own = reconstructed(pair['ar'], encoder, told)
    fve = lambda predicted: (1 - errors(predicted, vectors) / variance).numpy()
    of = lambda explanations: fve(reconstructed(pair['ar'], encoder, explanations))
    levels = [[(text.split('\n\n') + ['', ''])[level] for text in told] for level in range(3)]
    # Every position draws its own wordings.
    said = lambda claims, wordings=range(SHOWN): [
        describe(one, random.Random(place), wordings) for place, one in enumerate(claims)
    ]
    claims = [row['claims'] for row in rows]
    likely = [[claim for claim in row['claims'] if claim[0] == 'next'] for row in rows]
    arms = {
        'own': fve(own),
        'shuffled': fve(own[others]),
        'constant': fve(mu[None].expand_as(vectors)),
        'empty': of([''] * len(rows)),
        'generic': of([GENERIC] * len(rows)),
        'noQuotes': of([QUOTED.sub('“”', text) for text in told]),
        'topThree': of(said(likely)),
        **{f'level{level}': of(texts) for level, texts in enumerate(levels)},
        'truth': of(said(claims)),
        'heldOutWordings': of(said(claims, range(SHOWN, len(WORDINGS['kind'])))),
    }
    ranks = matching(own, vectors, windows)
    return dict(
        fve={name: means(values) for name, values in arms.items()},
        cosine=means(F.cosine_similarity(own, vectors).numpy()),
        ownMinusShuffled=means(arms['own'] - arms['shuffled']),
        ownMinusTopThree=means(arms['own'] - arms['topThree']),
        heldOutWordingsMinusTruth=means(arms['heldOutWordings'] - arms['truth']),
        byKind={
            kind: means.__class__([w for w, row in zip(windows, rows) if row['domain'] == kind])(
                arms['own'][[row['domain'] == kind for row in rows]]
            )
            for kind in sorted({row['domain'] for row in rows})
        },
        matching={
            'top1': wilson(int((ranks == 0).sum()), len(ranks)),
            'top3': wilson(int((ranks < 3).sum()), len(ranks)),
            'control': wilson(int((matching(own[others], vectors, windows) == 0).sum()), len(ranks)),
        },
        claims=shares(rows, told, [told[other] for other in others]),
        tokens=means([len(row) for row in encoder([text for text in told])]),
    ), told


def controls(pair, encoder, decoder, run, mu, variance, after):
    """What the page holds a score against: explanations of 64 positions of the dev texts, the generic one, mu, V, and
    how the pair did."""
    rows, vectors = texts.positions(run, 'dev')
    picks = np.random.default_rng(4).permutation(len(rows))[:CONTROL_TEXTS]
    told = explained(pair['av'], encoder, decoder, vectors[picks])
    difference = after['ownMinusShuffled']
    interval = lambda found: {name: round(found[name], 4) for name in ('mean', 'low', 'high')}
    return dict(
        format='lenslet-nla-controls-1',
        layer=SITE,
        variance=round(variance, 6),
        mean=base64.b64encode(mu.numpy().astype('<f4').tobytes()).decode(),
        generic=GENERIC,
        texts=told,
        quality=dict(
            n=after['fve']['own']['n'],
            own=interval(after['fve']['own']),
            shuffled=interval(after['fve']['shuffled']),
            difference=interval(difference),
            beatsControl=bool(difference['low'] >= 0.2 and after['fve']['own']['low'] > 0),
        ),
    )


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', required=True)
    parser.add_argument('--run', required=True)
    parser.add_argument('--stage', choices=('before', 'after'), required=True)
    arguments = parser.parse_args()
    folder, run, before = pathlib.Path(arguments.model), pathlib.Path(arguments.run), arguments.stage == 'before'
    model, encoder = open_model(folder), texts.Encoder(run)
    decoder = Decoder(encoder)
    (rows, vectors), (_, trained) = texts.positions(run, 'test'), texts.positions(run, 'train')
    rows, vectors = rows[:POSITIONS], vectors[:POSITIONS]
    mu = unit(trained).mean(0)
    variance = float((unit(trained) - mu).pow(2).sum(-1).mean())
    pair = halves(model, encoder, run, before)
    found, told = measure(pair, encoder, decoder, rows, vectors, mu, variance)
    # What is quoted here is of generated texts alone: no corpus is shipped.
    own_making = [(row, text) for row, text in zip(rows, told) if row['domain'] in ('arithmetic', 'zh_modern')]
    found['examples'] = [dict(before=row['before'][-60:], told=text) for row, text in own_making[:EXAMPLES]]
    print(arguments.stage, json.dumps({arm: round(one['mean'], 3) for arm, one in found['fve'].items()}))
    settings = dict(
        scale=SCALE,
        blur=texts.BLUR,
        batch=warm.BATCH,
        prompts=reinforce.PROMPTS,
        group=reinforce.GROUP,
        beta=reinforce.BETA,
        positions=dict(train=len(trained), further=len(texts.positions(run, 'further')[0])),
    )
    (run / 'figures').mkdir(exist_ok=True)
    out = dict(site=SITE, variance=variance, positions=len(rows), settings=settings, found=found)
    (run / 'figures' / f'nla-{arguments.stage}.json').write_text(json.dumps(out, indent=1, ensure_ascii=False))
    if not before:
        write_json(folder / 'nla/controls.json', controls(pair, encoder, decoder, run, mu, variance, found))
