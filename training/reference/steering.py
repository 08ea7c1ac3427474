"""Edits of the residual stream, as `Edit` in src/lens/api/edit.ts defines them, and what they do to one prompt."""

import math

import torch

from reference.conditions import Gate, asked
from reference.sampling import Sampling

EDGE = 1e-2  # a pre-activation this near to leaving or entering the top-k would make the truth depend on rounding


class Steering:
    """The `edit` of Qwen3.forward for a list of edits. `reports[layer]` holds, per token, how many of the site's edits
    acted, |change| and |h| before; `open[i]`, at which tokens the gate of edit i was open."""

    def __init__(self, edits, saes, reading):
        self.edits, self.saes, self.reading, self.reports, self.open = edits, saes, reading, {}, {}
        self.gates = {i: Gate(edit['when']) for i, edit in enumerate(edits) if 'when' in edit}

    def gates_open(self):
        """Of each edit with a gate, in their order: at which tokens it was open."""
        return [self.open[i] for i in sorted(self.gates)]

    def read_gates(self, layer, h, ids):
        """What the gates of this site say, by its residual before any edit of it."""
        spans = self.reading.spans_of(ids)
        turns = [span[1] for span in spans] if spans else [0] * len(ids)
        for i, gate in self.gates.items():
            if gate.layer == layer:
                refuse_near(gate, self.saes[layer], h)
                latents = self.saes[layer].dense(h)[:, gate.feature]
                self.open[i] = gate.open(latents.tolist(), turns)

    def chosen(self, i, ids):
        """At which tokens edit i is asked to act and its gate, if it has one, is open: [T] of bool."""
        places = torch.tensor(asked(self.edits[i].get('where', 'all'), self.reading, ids))
        return places & torch.tensor(self.open[i]) if i in self.gates else places

    def coefficient(self, edit, sae, h):
        """What the edit multiplies its direction with, [T]; zero where it does not act."""
        strength, mode = edit['strength'], edit['mode']
        vector = vector_of(edit)
        if vector is not None:
            relative = edit['direction'].get('relativeToNorm', False)
            return strength * h.norm(dim=-1) / vector.norm() if relative else torch.full((len(h),), float(strength))
        if mode == 'add':
            return torch.full((len(h),), float(strength))
        p = sae.preactivations(h)[:, edit['feature']].clamp(min=0)
        on = edit.get('on', 'everywhere' if mode == 'clamp' else 'active')
        if on == 'preactivation':
            z = p
        else:
            z = sae.dense(h)[:, edit['feature']]
            refuse_ties(sae, h, edit)
        reach = z > 0 if on == 'active' else torch.ones(len(h), dtype=torch.bool)
        if mode == 'scale':
            return strength * z
        if mode == 'ablate':
            return -strength * z
        return torch.where(reach, strength - z, torch.zeros(()))

    def change(self, layer, h, ids):
        """The sum of all edits at one site, each computed on the unedited h: [T, d], and how many acted, [T]."""
        total, acted = torch.zeros_like(h), torch.zeros(len(h), dtype=torch.int)
        for i, edit in enumerate(self.edits):
            if edit['layer'] != layer or (edit['strength'] == 0 and edit['mode'] != 'clamp'):
                continue
            sae, vector = self.saes[layer], vector_of(edit)
            c = self.coefficient(edit, sae, h) * self.chosen(i, ids)
            total += c[:, None] * (sae.decoder[edit['feature']] if vector is None else vector)
            acted += (c != 0).int()
        return total, acted

    def __call__(self, layer, h, ids):
        self.read_gates(layer, h, ids)
        if not any(edit['layer'] == layer for edit in self.edits):
            return h
        total, acted = self.change(layer, h, ids)
        self.reports[layer] = (acted, total.norm(dim=-1), h.norm(dim=-1))
        return h + total


class Control:
    """The |change| that another steering made at each token of its own text, along one random unit direction per layer
    instead."""

    def __init__(self, sizes, seed):
        """`sizes[layer]` = (acted, |change|) of the source, one per position."""
        self.sizes, self.seed, self.reports, self.gates = sizes, seed, {}, {}

    def gates_open(self):
        return []

    def __call__(self, layer, h, ids):
        if layer not in self.sizes:
            return h
        acted, size = (x[: len(h)] for x in self.sizes[layer])
        self.reports[layer] = (acted, size, h.norm(dim=-1))
        return h + size[:, None] * torch.tensor(random_direction(self.seed, layer, h.shape[1]))


def control_of(model, ids, source, tokens, seed):
    """A Control matched to `source` over the prompt and the tokens it generated."""
    model.forward(ids + tokens[:-1], source)
    return Control({layer: (acted, size) for layer, (acted, size, _) in source.reports.items()}, seed)


def mix(h):
    h = (h ^ (h >> 16)) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ (h >> 13)) * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ (h >> 16)


def uniform(seed, stream, index):
    h = mix(mix((seed & 0xFFFFFFFF) ^ 0x9E3779B9) ^ ((stream + 1) * 0x85EBCA77 & 0xFFFFFFFF))
    return (mix(h ^ ((index + 1) * 0xC2B2AE3D & 0xFFFFFFFF)) + 0.5) / 2**32


def random_direction(seed, layer, d):
    """`randomDirection` of src/lens/maths/random.ts, written again: a unit vector for a seed and a layer."""
    stream = 0x40000000 + layer
    out = [
        math.sqrt(-2 * math.log(uniform(seed, stream, 2 * i)))
        * math.cos(2 * math.pi * uniform(seed, stream, 2 * i + 1))
        for i in range(d)
    ]
    norm = math.sqrt(sum(x * x for x in out))
    return [x / norm for x in out]


def vector_of(edit):
    direction = edit.get('direction', 'feature')
    return direction['vector'] if isinstance(direction, dict) else None


def refuse_ties(sae, h, edit):
    p = sae.preactivations(h)[:, edit['feature']]
    edge = sae.codes(h)[2]
    inside = p >= edge[:, 0]
    gap = torch.where(inside, p - edge[:, 1], edge[:, 0] - p)
    if bool((gap < EDGE).any()):
        raise ValueError(
            f'{edit}: the feature is within {EDGE} of the edge of the top-k at token {int(gap.argmin())}; choose another text'
        )


def refuse_near(gate, sae, h):
    """Refuses a gate that another machine's rounding might open or close: a pre-activation near one of its values, or
    above one and near the edge of the top-k."""
    p = sae.preactivations(h)[:, gate.feature]
    values = [gate.above] if gate.until is None else [gate.above, gate.until]
    if any(bool(((p - value).abs() < EDGE).any()) for value in values):
        raise ValueError(f'feature {gate.feature} comes within {EDGE} of {values}; choose other values')
    reaches = p > min(values)
    refuse_ties(sae, h[reaches], {'feature': gate.feature})


def divergence(p, q):
    """KL(softmax p || softmax q) in nats over the last axis, summed in float64."""
    a, b = p.double().log_softmax(-1), q.double().log_softmax(-1)
    return (a.exp() * (a - b)).sum(-1)


def greedy(model, ids, count, margin, steering=None, sampling=None):
    """Greedy tokens after `ids`, at most `count`; ends after a token that ends the text, and before a token that wins
    by less than `margin` in what is chosen by, where another machine's rounding may choose differently. Without a
    cache: every step is a fresh pass over all tokens."""
    steps, sampling = [], sampling or Sampling(model.ends)
    while len(steps) < count and len(ids) + len(steps) < model.context:
        fed = ids + [step['token'] for step in steps]
        logits = model.forward(fed, steering)[1][-1]
        best = sampling.scores(logits, fed).topk(2)
        if float(best.values[0] - best.values[1]) < margin:
            break
        step = {'token': int(best.indices[0]), 'logits': logits}
        if steering:
            step['reports'], step['open'] = dict(steering.reports), [int(open[-1]) for open in steering.gates_open()]
        steps.append(step)
        step['done'] = sampling.done([step['token'] for step in steps])
        if step['done']:
            break
    return steps


def effect(model, ids, steering, moved):
    """What a steering does to the next token after `ids`: reports over all tokens, KL(edited || base), the tokens
    whose probability moved most."""
    base = model.forward(ids)[1][-1]
    edited = model.forward(ids, steering)[1][-1]
    p, q = base.double().softmax(-1), edited.double().softmax(-1)
    most = (p - q).abs().topk(moved).indices.tolist()
    return {
        **({'open': [list(map(int, open)) for open in steering.gates_open()]} if steering.gates else {}),
        'reports': [
            {'layer': layer, 'acted': acted.tolist(), 'change': change.tolist(), 'norm': norm.tolist()}
            for layer, (acted, change, norm) in steering.reports.items()
        ],
        'kl': float(divergence(edited, base)),
        'moved': [{'id': i, 'base': float(p[i]), 'edited': float(q[i])} for i in most],
    }


def continuation(model, ids, steering, count, margin, sampling):
    """The steered greedy text, judged by the unedited model on the same tokens (a fresh, unedited pass over prompt and
    steered text)."""
    steps = greedy(model, ids, count, margin, steering, sampling)
    tokens = [step['token'] for step in steps]
    shadow = model.forward(ids + tokens[:-1])[1][len(ids) - 1 :]
    surprisal = -shadow.double().log_softmax(-1).gather(1, torch.tensor(tokens)[:, None])[:, 0]
    mean = float(surprisal.mean())
    return {
        'steps': [
            {
                'token': step['token'],
                'logprob': float(step['logits'].double().log_softmax(-1)[step['token']]),
                'kl': float(divergence(step['logits'], shadow[i])),
                'surprisal': float(surprisal[i]),
                **({'open': step['open']} if step['open'] else {}),
                'reports': [
                    {'layer': layer, 'acted': int(acted[-1]), 'change': float(change[-1]), 'norm': float(norm[-1])}
                    for layer, (acted, change, norm) in step['reports'].items()
                ],
            }
            for i, step in enumerate(steps)
        ],
        'meanSurprisal': mean,
        'perplexity': float(torch.tensor(mean, dtype=torch.float64).exp()),
    }
