"""Many edits in one batch: every arm has its own rows, and all rows go through the model together.

An arm has any number of edits. A control arm has the edits of the arm that it controls, but other unit directions:
either one in place of each edit's own, which then moves by exactly what that edit would move by at that very residual,
with the same sign; or one a site, which moves by the length of the site's whole change.
"""

import collections
import dataclasses
import math
import typing

import torch

from model.sampler import Cache, generate


@dataclasses.dataclass(frozen=True)
class Arm:
    edits: typing.Sequence[dict] = ()  # as `Edit` in src/lens/api/edit.ts; none: unedited
    directions: typing.Optional[typing.Sequence[torch.Tensor]] = None  # an edit: [d], in place of its decoder row
    along: typing.Optional[typing.Mapping[int, torch.Tensor]] = None  # a site: [d], |change| of the site along it


def half():
    return torch.autocast('cpu', dtype=torch.bfloat16)


def on_of(edit):
    """Which latent an edit means, by the default of its mode."""
    return edit.get('on', 'everywhere' if edit['mode'] == 'clamp' else 'active')


def coefficient(sae, edits, h):
    """What each of `edits`, all of one mode and one `on`, multiplies its direction with at its rows of h
    [edits, rows, T, d]: [edits, rows, T]."""
    mode, on = edits[0]['mode'], on_of(edits[0])
    strength = torch.tensor([float(edit['strength']) for edit in edits])[:, None, None]
    if mode == 'add':
        return strength.expand(h.shape[:3])
    features = torch.tensor([edit['feature'] for edit in edits])
    if on == 'preactivation':
        z = (
            torch.einsum('ertd,de->ert', h, sae.encoder[:, features]) + sae.encoder_bias[features][:, None, None]
        ).clamp(min=0)
        reached = torch.ones_like(z, dtype=torch.bool)
    else:
        p = sae.preactivations(h)
        own = p.gather(-1, features[:, None, None, None].expand(*h.shape[:3], 1))
        active = ((p > own).sum(-1) < sae.k) & (own[..., 0] > 0)
        z, reached = own[..., 0] * active, active | (on == 'everywhere')
    if mode == 'clamp':
        return (strength - z) * reached
    return strength * z if mode == 'scale' else -strength * z


class Arms:
    """The `site` of a batch in which arm i has the rows i * rows .. (i + 1) * rows - 1."""

    def __init__(self, saes, arms, rows):
        self.saes, self.rows = saes, rows
        self.groups, self.along = collections.defaultdict(list), collections.defaultdict(list)
        parts = collections.defaultdict(list)
        for place, arm in enumerate(arms):
            for at, edit in enumerate(arm.edits):
                direction = arm.directions[at] if arm.directions else saes[edit['layer']].decoder[edit['feature']]
                parts[edit['layer'], edit['mode'], on_of(edit)].append((place, edit, direction))
            for layer in {edit['layer'] for edit in arm.edits} if arm.along else ():
                self.along[layer].append((place, arm.along[layer]))
        for (layer, _, _), members in parts.items():
            places, edits, directions = zip(*members)
            self.groups[layer].append((torch.tensor(places), edits, torch.stack(directions)))

    def __call__(self, layer, h):
        if layer not in self.groups:
            return h
        with torch.autocast('cpu', enabled=False):  # membership in the top-k is judged in float32
            by_arm = h.float().view(-1, self.rows, *h.shape[1:])
            change = torch.zeros_like(by_arm)
            for places, edits, directions in self.groups[layer]:
                c = coefficient(self.saes[layer], edits, by_arm[places])
                change.index_add_(0, places, c[..., None] * directions[:, None, None])
            for place, direction in self.along[layer]:
                change[place] = change[place].norm(dim=-1, keepdim=True) * direction
            edited = by_arm + change
        return edited.view(h.shape)


def padded(prompts):
    """Prompts of any lengths as ids [N, T], aligned at the right, and how many positions are empty at the left of
    each."""
    longest = max(map(len, prompts))
    return torch.tensor([[0] * (longest - len(prompt)) + prompt for prompt in prompts]), torch.tensor(
        [longest - len(prompt) for prompt in prompts]
    )


def batches(items, size):
    return (items[start : start + size] for start in range(0, len(items), size))


@torch.no_grad()
def next_token(model, saes, prompts, edits, together):
    """Log-probabilities of the token after every prompt under each of `edits`, `together` of them at a time: yields
    [edits, prompts, V]. All edits of one call are at one site; the model is entered there, on residuals kept from one
    unedited pass."""
    layer = edits[0]['layer']
    ids, padding = padded(prompts)
    with half():
        h = model.blocks(model.model.embed_tokens(ids), last=layer + 1, padding=padding)
        for part in batches(edits, together):
            site = Arms(saes, [Arm([edit]) for edit in part], len(prompts))
            last = model.blocks(
                site(layer, h.repeat(len(part), 1, 1)), first=layer + 1, padding=padding.repeat(len(part))
            )[:, -1]
            yield model.logits(last).float().log_softmax(-1).view(len(part), len(prompts), -1)


@torch.no_grad()
def write(model, saes, arms, prompts, count, temperature, seed, stop, together):
    """What each arm writes after each prompt, [arm][prompt] lists of ids. Batches of `together` arms all begin with
    the same seed, so that with one arm a batch every arm draws with the same noise."""
    written = []
    for part in batches(arms, together):
        with half():
            rows = generate(
                model,
                prompts * len(part),
                count,
                temperature=temperature,
                seed=seed,
                stop=stop,
                site=Arms(saes, part, len(prompts)),
            )
        written += list(batches(rows, len(prompts)))
    return written


class Unedited:
    """The surprisal, under the unedited model, of what was written after some prompts; the prompts' keys and values
    are computed once."""

    @torch.no_grad()
    def __init__(self, model, prompts):
        self.model, (ids, self.padding) = model, padded(prompts)
        self.length = ids.shape[1]
        self.caches = [Cache(len(prompts), model.shape, self.length) for _ in range(model.shape.layers)]
        with half():
            h = model.blocks(model.model.embed_tokens(ids), caches=self.caches, padding=self.padding)
            self.first = model.logits(h[:, -1:]).float().log_softmax(-1)

    @torch.no_grad()
    def perplexity(self, rows):
        """exp of the mean surprisal of all tokens in `rows`, one list of ids per prompt; None where nothing was
        written."""
        longest = max(map(len, rows))
        if longest == 0:
            return None
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
        real = torch.tensor([[True] * len(row) + [False] * (longest - len(row)) for row in rows])
        caches = [Cache(len(rows), self.model.shape, self.length + longest) for _ in self.caches]
        for cache, kept in zip(caches, self.caches):
            cache.extend(kept.keys, kept.values)
        with half():
            h = self.model.blocks(
                self.model.model.embed_tokens(ids), start=self.length, caches=caches, padding=self.padding
            )
            rest = self.model.logits(h[:, :-1]).float().log_softmax(-1)
        log_p = torch.cat((self.first, rest), 1).gather(2, ids[..., None])[..., 0]
        return math.exp(-float(log_p[real].mean()))


@torch.no_grad()
def cross_entropy(model, saes, arm, windows):
    """Mean surprisal in nats of every next token in windows [N, T + 1] while an arm's edits act."""
    total = 0.0
    for part in windows.split(16):
        with half():
            logs = model(part[:, :-1], site=Arms(saes, [arm], len(part))).float().log_softmax(-1)
        total -= float(logs.gather(2, part[:, 1:, None]).sum())
    return total / (len(windows) * (windows.shape[1] - 1))
