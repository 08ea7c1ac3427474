"""Top-k SAEs of the residual stream in Qwen-Scope's convention: their activations, their training, a random control,
their measures.

z = topk(relu(h W_enc + b_enc)), h^ = z W_dec + b_dec, decoder rows of length 1, position 0 of a window (an attention
sink) left out of everything. Matrix products of training are in bfloat16, which is ten times as fast on a CPU; what is
measured is encoded in float32, as the page does it, on residuals of a bfloat16 forward pass.
"""

import dataclasses
import json
import pathlib

import torch
import torch.nn.functional as F

from files.tensors import write_file

ROWS = 4096  # residuals encoded at once, so that their pre-activations stay small
WINDOWS = 16  # windows a forward pass
DUPLICATE = 0.9  # decoder cosine from which two features count as one


@dataclasses.dataclass
class Dictionary:
    """Encoder [d, width] and its bias [width], decoder [width, d] and its bias [d], as a SAELens folder stores them."""

    encoder: torch.Tensor
    encoder_bias: torch.Tensor
    decoder: torch.Tensor
    decoder_bias: torch.Tensor
    k: int

    @property
    def width(self):
        return len(self.decoder)

    def tensors(self):
        return {'W_enc': self.encoder, 'b_enc': self.encoder_bias, 'W_dec': self.decoder, 'b_dec': self.decoder_bias}

    def stored(self):
        """The dictionary that float16 leaves of this one."""
        return Dictionary(*(tensor.half().float() for tensor in self.tensors().values()), self.k)

    def codes(self, h):
        """values, ids [N, k] of residuals [N, d], in no order; an unused slot has value 0."""
        values, ids = torch.addmm(self.encoder_bias, h, self.encoder).topk(self.k, sorted=False)
        return values.clamp_(min=0), ids

    def decode(self, values, ids):
        return F.embedding_bag(ids, self.decoder, mode='sum', per_sample_weights=values) + self.decoder_bias


def write_folder(folder, dictionary, layer, model_name, stats):
    """A SAELens folder with float16 weights and, beside them, `feature_stats.json`."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    hook = f'blocks.{layer}.hook_resid_post'
    config = dict(
        architecture='topk',
        d_in=dictionary.decoder.shape[1],
        d_sae=dictionary.width,
        k=dictionary.k,
        dtype='float16',
        apply_b_dec_to_input=False,
        normalize_activations='none',
        hook_name=hook,
        hook_layer=layer,
        metadata=dict(hook_name=hook, model_name=model_name),
    )
    write_file(
        folder / 'sae_weights.safetensors', {name: tensor.half() for name, tensor in dictionary.tensors().items()}
    )
    (folder / 'cfg.json').write_text(json.dumps(config, indent=1) + '\n')
    (folder / 'feature_stats.json').write_text(json.dumps(stats) + '\n')


# Activations


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


# Training


class Trainer:
    """One dictionary on centred inputs of mean square 1. Gradients are written out: every product but the sparse
    decoding is a dense one in bfloat16."""

    RATE, BETAS = 2e-3, (0.9, 0.999)
    IDLE = 100  # steps without a firing after which a feature counts as dead

    def __init__(self, directions, k):
        width, d = directions.shape
        self.k = k
        self.decoder = F.normalize(directions)
        self.encoder = self.decoder.T.contiguous()
        self.encoder_bias, self.decoder_bias = torch.zeros(width), torch.zeros(d)
        self.idle = torch.zeros(width, dtype=torch.long)
        self.adam = torch.optim.Adam(
            [self.encoder, self.encoder_bias, self.decoder, self.decoder_bias], lr=self.RATE, betas=self.BETAS
        )

    def step(self, x, rate):
        """One step on x [B, d]; what is left unexplained, x - x^."""
        x16, decoder16 = x.bfloat16(), self.decoder.bfloat16()
        values, ids = (x16 @ self.encoder.bfloat16() + self.encoder_bias.bfloat16()).topk(self.k, sorted=False)
        values = values.float().clamp_(min=0)
        error = F.embedding_bag(ids, self.decoder, mode='sum', per_sample_weights=values) + self.decoder_bias - x
        error16 = error.bfloat16()
        slopes = (error16 @ decoder16.T).gather(1, ids).float() * (values > 0)
        self.encoder.grad = (x16.T @ self.dense(ids, slopes)).float() / len(x)
        self.encoder_bias.grad = self.per_feature(ids, slopes) / len(x)
        decoder_grad = (self.dense(ids, values).T @ error16).float() / len(x)
        # Only what turns a decoder row is followed; its length stays 1.
        self.decoder.grad = decoder_grad - (decoder_grad * self.decoder).sum(-1, keepdim=True) * self.decoder
        self.decoder_bias.grad = error.mean(0)
        self.adam.param_groups[0]['lr'] = self.RATE * rate
        self.adam.step()
        self.decoder.copy_(F.normalize(self.decoder))
        self.idle += 1
        self.idle[self.per_feature(ids, (values > 0).float()) > 0] = 0
        return -error

    def dense(self, ids, values):
        return torch.zeros(len(ids), len(self.decoder), dtype=torch.bfloat16).scatter_(1, ids, values.bfloat16())

    def per_feature(self, ids, values):
        return torch.bincount(ids.flatten(), values.flatten(), minlength=len(self.decoder))

    def revive(self, error, generator):
        """Dead features begin again along residuals that are badly explained, drawn by their squared error."""
        dead = (self.idle > self.IDLE).nonzero()[:, 0]
        if not len(dead):
            return 0
        rows = torch.multinomial(error.pow(2).sum(-1), min(len(dead), len(error)), generator=generator)
        dead = dead[: len(rows)]
        self.decoder[dead] = F.normalize(error[rows])
        self.encoder[:, dead] = self.decoder[dead].T
        self.encoder_bias[dead] = 0
        for weight, part in ((self.encoder, (slice(None), dead)), (self.encoder_bias, dead), (self.decoder, dead)):
            for moment in ('exp_avg', 'exp_avg_sq'):
                self.adam.state[weight][moment][part] = 0
        self.idle[dead] = 0
        return len(dead)

    def folded(self, mean, scale):
        """The dictionary of h = mean + scale x."""
        return Dictionary(
            self.encoder,
            scale * self.encoder_bias - mean @ self.encoder,
            self.decoder,
            mean + scale * self.decoder_bias,
            self.k,
        )


def moments(h):
    """Mean [d] and root mean square distance from it per coordinate, of about 200 k rows."""
    sample = h[:: max(1, len(h) // 200_000)].float()
    mean = sample.mean(0)
    return mean, float((sample - mean).pow(2).mean().sqrt())


@torch.no_grad()
def train(h, width, k, steps, seed, batch=2048, report=None):
    """A dictionary of residuals h [N, d] (any float type). `report(step, fvu, dead, revived)` every hundred steps."""
    generator = torch.Generator().manual_seed(seed)
    mean, scale = moments(h)
    trainer = Trainer(torch.randn(width, h.shape[1], generator=generator), k)
    order, at = torch.randperm(len(h), generator=generator), 0
    for step in range(steps):
        if at + batch > len(h):
            order, at = torch.randperm(len(h), generator=generator), 0
        x = (h[order[at : at + batch]].float() - mean) / scale
        at += batch
        error = trainer.step(x, min(1, (step + 1) / 50, (steps - step) / (0.5 * steps)))
        if (step + 1) % 100 == 0 or step + 1 == steps:
            dead = int((trainer.idle > trainer.IDLE).sum())
            # Late in the run a feature would have no time left to learn from its second beginning.
            revived = trainer.revive(error, generator) if step < 0.7 * steps else 0
            if report is not None:
                report(step + 1, float(error.pow(2).sum() / x.pow(2).sum()), dead, revived)
    return trainer.folded(mean, scale)


@torch.no_grad()
def random_dictionary(h, width, k, seed):
    """The control: random unit rows, read along themselves, the same top-k, and the one scale that explains most."""
    mean, _ = moments(h)
    rows = F.normalize(torch.randn(width, h.shape[1], generator=torch.Generator().manual_seed(seed)))
    plain = Dictionary(rows.T.contiguous(), -(rows @ mean), rows, torch.zeros_like(mean), k)
    sample = h[:: max(1, len(h) // 20_000)].float()
    guess, target = torch.cat([plain.decode(*plain.codes(part)) for part in sample.split(ROWS)]), sample - mean
    scale = float((guess * target).sum() / guess.pow(2).sum())
    return Dictionary(plain.encoder * scale, plain.encoder_bias * scale, rows, mean, k)


# Measures


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
        self.ids, self.groups, self.weights = (
            torch.cat(picked),
            torch.tensor(groups),
            torch.tensor(weights, dtype=torch.double),
        )
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
        fires, each = (
            values > 0,
            (weights / (held.length - 1)).repeat_interleave(held.length - 1)[:, None].expand_as(values),
        )
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
