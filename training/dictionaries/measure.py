"""What a dictionary explains of held-out text, encoded in float32 as the page does it."""

import torch

from dictionaries.residuals import WINDOWS
from dictionaries.train import ROWS

DUPLICATE = 0.9  # decoder cosine from which two features count as one


@torch.no_grad()
def measure(held, layer, dictionary):
    """(figures, statistics) of a dictionary on held-out text: what a table shows, and what `feature_stats.json` holds.

    FVU is sum |h - h^|^2 / sum |h - mean|^2; recovered is (CE_mean - CE_dictionary) / (CE_mean - CE_clean), the
    residual of the site being replaced by h^ or by the mean. A live feature is one that fires here at all."""
    h, mean, width = held.residuals[layer], held.means[layer], dictionary.width
    maximum, density = torch.zeros(width), torch.zeros(width, dtype=torch.double)
    decoded, unexplained = [], []
    for part, weights in zip(h.split(WINDOWS), held.weights.split(WINDOWS)):
        rows = part[:, 1:].flatten(0, 1)
        values, ids = dictionary.codes(rows)
        guess = dictionary.decode(values, ids)
        unexplained.append((rows - guess).view(len(part), -1).pow(2).sum(-1))
        decoded.append(torch.cat((part[:, :1], guess.view(len(part), -1, h.shape[-1])), 1))
        fires = values > 0
        each = (weights / (held.length - 1)).repeat_interleave(held.length - 1)[:, None].expand_as(values)
        density += torch.bincount(ids[fires], each[fires], minlength=width)
        maximum.scatter_reduce_(0, ids[fires], values[fires], 'amax')
    unexplained, spread = torch.cat(unexplained).double(), (h[:, 1:] - mean).flatten(1).pow(2).sum(-1).double()
    clean, ablated, edited = held.clean.double(), held.ablated[layer].double(), held.edited(layer, decoded).double()

    def fvu(weights):
        return (weights @ unexplained) / (weights @ spread)

    def recovered(weights):
        return (weights @ (ablated - edited)) / (weights @ (ablated - clean))

    live = dictionary.decoder[maximum > 0]
    cosine = (live @ live.T).fill_diagonal_(0)
    entropy = {
        name: round(float(held.weights @ losses), 4)
        for name, losses in (('clean', clean), ('dictionary', edited), ('mean', ablated))
    }
    figures = dict(
        fvu=round(float(fvu(held.weights)), 5),
        fvu_interval=held.interval(fvu),
        recovered=round(float(recovered(held.weights)), 5),
        recovered_interval=held.interval(recovered),
        cross_entropy=entropy,
        dead=round(1 - len(live) / width, 5),
        duplicates=round(float((cosine > DUPLICATE).any(1).float().mean()), 5),
        tokens=held.tokens,
        windows=len(held.ids),
    )
    stats = dict(
        tokens=held.tokens,
        fvu=figures['fvu'],
        residual_norm_median=round(float(h[:, 1:].norm(dim=-1).median()), 4),
        mean=rounded(mean, 5),
        max_activation=rounded(maximum, 3),
        density=rounded(density, 7),
    )
    return figures, stats


def rounded(values, places):
    return [round(value, places) for value in values.tolist()]


@torch.no_grad()
def dead_share(dictionary, h):
    """Share of features that fire on none of the residuals h [N, d]."""
    fired = torch.zeros(dictionary.width, dtype=torch.bool)
    for part in h.split(ROWS):
        values, ids = dictionary.codes(part.float())
        fired[ids[values > 0]] = True
    return round(1 - float(fired.float().mean()), 5)
