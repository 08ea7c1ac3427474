"""What dictionaries are trained and measured on: residuals of a bfloat16 forward pass, position 0 of a window (an
attention sink) left out of everything."""

import torch
import torch.nn.functional as F

WINDOWS = 16  # windows a forward pass


@torch.no_grad()
def residuals(model, ids, sites):
    """{layer: the residual [B, T, d] after that block} of ids [B, T]; blocks above the last site are not run."""
    found = {}

    def site(layer, h):
        if layer in sites:
            found[layer] = h.float()
        return h

    with torch.autocast('cpu', dtype=torch.bfloat16):
        model.blocks(model.model.embed_tokens(ids), last=max(sites) + 1, site=site)
    return found


def collect(model, texts, sites, tokens, length, seed):
    """{layer: float16 [>= tokens, d]}: residuals of windows drawn by the mix."""
    per_batch = WINDOWS * (length - 1)
    batches = -(-tokens // per_batch)
    kept = {layer: torch.empty(batches * per_batch, model.shape.d, dtype=torch.float16) for layer in sites}
    for index in range(batches):
        for layer, h in residuals(model, texts.batch([seed, index], WINDOWS, length), sites).items():
            kept[layer][index * per_batch : (index + 1) * per_batch] = h[:, 1:].reshape(per_batch, -1)
    return kept


class HeldOut:
    """Windows of a split that do not overlap, their residuals at the sites, and what the unedited model makes of them.

    Every domain weighs in with its share of the mix, whatever number of windows it has: `weights` [N] sums to 1.
    Cross-entropies are [N], in nats, of the predictions made at positions 1 and on (an edit leaves position 0 as it
    is)."""

    def __init__(self, model, texts, sites, tokens, length):
        self.model, self.length = model, length
        picked, weights, groups = [], [], []
        for domain, share in zip(texts.mix, texts.shares):
            windows = texts.windows(domain, length + 1, max(1, round(share * tokens / (length - 1))))
            groups += [len(picked)] * len(windows)
            weights += [share / len(windows)] * len(windows)
            picked.append(windows)
        self.ids = torch.cat(picked)
        self.groups = torch.tensor(groups)
        self.weights = torch.tensor(weights, dtype=torch.double)
        self.tokens = len(self.ids) * (length - 1)
        parts = [residuals(model, ids[:, :-1], {*sites, model.shape.layers - 1}) for ids in self.ids.split(WINDOWS)]
        self.residuals = {layer: torch.cat([part[layer] for part in parts]) for layer in sites}
        top = model.shape.layers - 1
        self.clean = torch.cat(
            [self.cross_entropy(part[top], ids) for part, ids in zip(parts, self.ids.split(WINDOWS))]
        )
        self.means = {
            layer: torch.einsum('n,ntd->d', self.weights.float(), h[:, 1:]) / (length - 1)
            for layer, h in self.residuals.items()
        }
        self.ablated = {
            layer: self.edited(layer, [mean.expand(len(part), length, -1) for part in self.ids.split(WINDOWS)])
            for layer, mean in self.means.items()
        }

    @torch.no_grad()
    def cross_entropy(self, h, ids):
        """[B] from the last block's residual [B, T, d] and ids [B, T + 1]."""
        with torch.autocast('cpu', dtype=torch.bfloat16):
            logits = [self.model.logits(row[1:]) for row in h]
        return torch.stack([F.cross_entropy(row.float(), target) for row, target in zip(logits, ids[:, 2:])])

    @torch.no_grad()
    def edited(self, layer, parts):
        """Cross-entropy [N] with the site's residual replaced by `parts` ([B, T, d] for every WINDOWS windows) at
        positions 1 and on."""
        out = []
        for part, h, ids in zip(parts, self.residuals[layer].split(WINDOWS), self.ids.split(WINDOWS)):
            with torch.autocast('cpu', dtype=torch.bfloat16):
                top = self.model.blocks(torch.cat((h[:, :1], part[:, 1:]), 1), first=layer + 1)
            out.append(self.cross_entropy(top, ids))
        return torch.cat(out)

    def interval(self, figure, draws=1000, seed=0):
        """95 % interval of `figure(weights)` by bootstrap: windows drawn anew within each domain."""
        generator = torch.Generator().manual_seed(seed)
        counts = torch.zeros(draws, len(self.groups), dtype=torch.double)
        for group in self.groups.unique():
            members = (self.groups == group).nonzero()[:, 0]
            picks = members[torch.randint(len(members), (draws, len(members)), generator=generator)]
            counts.scatter_add_(1, picks, torch.ones_like(picks, dtype=torch.double))
        low, high = figure(counts * self.weights).quantile(torch.tensor([0.025, 0.975], dtype=torch.double)).tolist()
        return [round(low, 5), round(high, 5)]
