"""Which features, edited together within their natural range, reach a goal: chosen on dev prompts."""

import math

import torch

from effects.arms import Arm, Arms, batches, cross_entropy, half, next_token, padded
from effects.lab import measured, summary, windows

KEPT, SHORTLIST, MOST = 12, 4, 5  # features, groups of a round whose text is looked at, features of a group
SEARCH_SEED = 1
TOGETHER = 5  # arms in a batch


@torch.no_grad()
def contrasts(lab, goal):
    """Per site, each feature's mean latent on positive less that on negative positions, over the pooled standard
    deviation: {layer: [width]}. The first position of a text is left out; a feature that fires on neither side has
    contrast 0."""
    counts = torch.zeros(2)
    sums = {layer: torch.zeros(2, sae.width) for layer, sae in lab.saes.items()}
    squares = {layer: torch.zeros(2, sae.width) for layer, sae in lab.saes.items()}
    for part in batches(sorted(goal.contexts(), key=lambda context: len(context[0])), 32):
        ids, padding = padded([ids for ids, _ in part])
        signs = torch.tensor([[0.0] * (ids.shape[1] - len(own) + 1) + own[1:] for _, own in part])
        sides = torch.stack((signs > 0, signs < 0))
        counts += sides.sum((1, 2))

        def observe(layer, h):
            if layer in lab.saes:
                for side in (0, 1):
                    with torch.autocast('cpu', enabled=False):
                        z = top(lab.saes[layer], h[sides[side]].float())
                    sums[layer][side] += z.sum(0)
                    squares[layer][side] += z.pow(2).sum(0)
            return h

        with half():
            lab.model.blocks(lab.model.model.embed_tokens(ids), last=max(lab.saes) + 1, padding=padding, site=observe)
    out = {}
    for layer in lab.saes:
        means = sums[layer] / counts[:, None]
        spread = (squares[layer] / counts[:, None] - means.pow(2)).clamp(min=0).mean(0).sqrt()
        out[layer] = (means[0] - means[1]) / (spread + 1e-3 * lab.maxima[layer].clamp(min=1e-6))
    return out


def top(sae, h):
    """Latents after the top-k, dense: `Sae.dense` without its stable sort of a whole row."""
    values, ids = sae.preactivations(h).topk(sae.k)
    return torch.zeros(len(h), sae.width).scatter_(1, ids, values.clamp(min=0))


def candidates(lab, goal):
    """The KEPT features whose edit moves the next token after the probes most to the goal, of the `contrasted` that
    differ most by activation; before them those that the goal names."""
    found = []
    for layer, contrast in contrasts(lab, goal).items():
        alive = torch.zeros_like(contrast)
        alive[lab.live[layer]] = 1
        best = (contrast * alive).topk(min(goal.contrasted // len(lab.saes), len(contrast)))
        features = [(int(feature), float(value)) for value, feature in zip(*best) if value > 0]
        named = [feature for site, feature in goal.named if site == layer]
        features += [(feature, float(contrast[feature])) for feature in named if feature not in dict(features)]
        if not features:
            continue
        # Strength 0: unedited.
        edits = [dict(layer=layer, feature=feature, mode='add', strength=0) for feature, _ in features[:1]]
        edits += [goal.edit(layer, feature, float(lab.maxima[layer][feature])) for feature, _ in features]
        worths = [
            float(worth)
            for log_p in next_token(lab.model, lab.saes, goal.probes, edits, TOGETHER)
            for worth in goal.worth(log_p)
        ]
        found += [
            dict(layer=layer, feature=feature, contrast=value, shift=worth - worths[0])
            for (feature, value), worth in zip(features, worths[1:])
        ]
    found.sort(key=lambda one: ((one['layer'], one['feature']) not in goal.named, -one['shift']))
    return found[:KEPT]


@torch.no_grad()
def worths(lab, goal, groups):
    """How far the next token after the probes leans to the goal under each group of edits."""
    ids, padding = padded(goal.probes)
    for group in groups:
        with half():
            h = lab.model.blocks(
                lab.model.model.embed_tokens(ids),
                padding=padding,
                site=Arms(lab.saes, [Arm(group)], len(ids)),
            )[:, -1]
            yield float(goal.worth(lab.model.logits(h).float().log_softmax(-1)[None]))


def search(lab, goal, kept):
    """Forward selection. Each round adds one of the kept features to the group: of the SHORTLIST whose groups move the
    next token most, the one whose group scores best by what is written. Chosen is the smallest group whose score is
    within one standard error of the best group's."""
    baseline = summary(measured(lab, goal, 'dev', [Arm()], 1, SEARCH_SEED)[0])
    natural = math.exp(cross_entropy(lab.model, lab.saes, Arm(), windows(lab, goal.real(), goal.tokens)))
    pool = [goal.edit(one['layer'], one['feature'], float(lab.maxima[one['layer']][one['feature']])) for one in kept]
    group, tried, best = [], [], []
    for size in range(1, MOST + 1):
        left = pool[:1] if goal.begins and size == 1 else [edit for edit in pool if edit not in group]
        if not left:
            break
        groups = [[*group, edit] for edit in left]
        ranked = sorted(zip(worths(lab, goal, groups), groups), key=lambda one: -one[0])[:SHORTLIST]
        arms = [Arm(edits) for _, edits in ranked]
        round_ = [
            {'edits': edits, 'score': result['rate'] - goal.penalty(result, baseline, natural), 'worth': worth, **result}
            for (worth, edits), result in zip(ranked, map(summary, measured(lab, goal, 'dev', arms, 1, SEARCH_SEED)))
        ]
        # Of equals the further shift, which comes first.
        best.append(max(round_, key=lambda one: one['score']))
        group, tried = best[-1]['edits'], tried + round_
        print(f'{goal.name}: {size} together, rate {best[-1]["rate"]:.2f}, score {best[-1]["score"]:.2f}', flush=True)
    return {'baseline': baseline, 'natural': natural, 'chosen': smallest(best, goal.counted['dev']), 'rounds': best, 'tried': tried}


def smallest(rounds, n):
    """The smallest group whose score, of n prompts, is within one standard error of the best one's."""
    best = max(rounds, key=lambda one: one['score'])
    error = math.sqrt(best['rate'] * (1 - best['rate']) / n)
    return next(one for one in rounds if one['score'] >= best['score'] - error)
