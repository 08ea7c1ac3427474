"""What a real model's dictionaries explain of held-out text: `training/cpu.sh -m real.measure --run RUN`.

RUN/figures/dictionaries.json, written after every site: for each dictionary of dictionaries.py, and beside it for one
with a random decoder and an encoder that was trained to it, and one that is random altogether. All in float32, from the
weights as they are shipped (rounded to float16), on windows of the test split; position 0 and sinks are left as they are
and count nowhere.

FVU is Σ|h − ĥ|² / Σ|h − μ|², μ the mean of the same residuals. Recovered is (CE_a − CE_d) / (CE_a − CE) with the site's
residuals replaced by ĥ (d), and by 0 or μ (a). A dead feature fires nowhere in the test split.
"""

import argparse
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

from files.whole import sha256, write_json
from real import texts
from real.dictionaries import D, K, PLANS, SEED, WIDTH
from real.residuals import SITES, Below
from real.sinks import counted, median_norm

BATCH = 8
LOSSES = 96  # windows that cross-entropies are measured on; the others cost a tenth of the time


class Dictionary:
    """An SAE in the form of its folder: z = activation(x W_enc + b_enc) on x or x − b_dec, ĥ = z W_dec + b_dec."""

    def __init__(self, weights, architecture, centred):
        self.weights = {name: tensor.half().float() for name, tensor in weights.items()}
        self.architecture, self.centred = architecture, centred

    @classmethod
    def open(cls, folder):
        from safetensors.torch import load_file

        config = json.loads((folder / 'cfg.json').read_text())
        return cls(
            load_file(folder / 'sae_weights.safetensors'), config['architecture'], config['apply_b_dec_to_input']
        )

    @classmethod
    def random(cls, mean):
        """Random rows of length 1, the encoder their transpose, the K largest."""
        rows = F.normalize(torch.randn(WIDTH, D, generator=torch.Generator().manual_seed(SEED)))
        return cls(
            {'W_dec': rows, 'W_enc': rows.T.contiguous(), 'b_enc': torch.zeros(WIDTH), 'b_dec': mean}, 'topk', True
        )

    def encode(self, h):
        """z [N, width] of h [N, d]."""
        w = self.weights
        pre = (h - w['b_dec'] if self.centred else h) @ w['W_enc'] + w['b_enc']
        if self.architecture == 'jumprelu':
            return pre * (pre > w['threshold'])
        values, ids = pre.topk(K)
        return torch.zeros_like(pre).scatter_(1, ids, values.clamp(min=0))

    def decode(self, z):
        return z @ self.weights['W_dec'] + self.weights['b_dec']


class Above:
    """transformers' model from behind a block to the cross-entropy."""

    def __init__(self, folder):
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self.layers = self.model.model.layers

    @torch.no_grad()
    def cross_entropy(self, layer, h, ids):
        """[B] in nats: of the predictions at positions 1 to T - 2 of ids [B, T], from the residual h [B, T, d] behind
        block `layer`."""
        self.model.model.layers = self.layers[layer + 1 :]
        top = self.model.model(inputs_embeds=h, use_cache=False).last_hidden_state
        ids = torch.as_tensor(ids.astype(np.int64))
        rows = [
            F.cross_entropy(self.model.lm_head(row[1:-1]), target[2:]) for row, target in zip(top, ids)
        ]  # a window's logits at a time: a batch's would take a gigabyte
        return torch.stack(rows)


def figures(above, layer, dictionaries, ids, h):
    """{name: figures} of dictionaries at a site; ids [N, T], h [N, T, d]."""
    median = median_norm(h)
    where = counted(h, median)
    mean = h[where].mean(0)
    spread = (h[where] - mean).square().sum().double()
    losses = {name: [] for name in (*dictionaries, 'clean', 'zero', 'mean')}
    measured = {name: dict(error=0.0, active=0, fired=torch.zeros(WIDTH, dtype=torch.bool)) for name in dictionaries}

    def replaced(part, mask, rows):
        out = part.clone()
        out[mask] = rows
        return out

    for at in range(0, len(ids), BATCH):
        part, mask = h[at : at + BATCH], where[at : at + BATCH]
        rows, some = part[mask], slice(at, min(at + BATCH, LOSSES))
        kept = {'clean': rows, 'zero': torch.zeros_like(rows), 'mean': mean.expand_as(rows)}
        for name, dictionary in dictionaries.items():
            z = dictionary.encode(rows)
            kept[name], found = dictionary.decode(z), measured[name]
            found['error'] += float((rows - kept[name]).square().sum().double())
            found['active'] += int((z > 0).sum())
            found['fired'] |= (z > 0).any(0)
        if at < LOSSES:
            for name, guess in kept.items():
                losses[name].append(above.cross_entropy(layer, replaced(part, mask, guess), ids[some]))
    losses = {name: torch.cat(parts).double() for name, parts in losses.items()}
    count, out = int(where.sum()), {}
    for name, found in measured.items():
        entropy = {which: round(float(losses[which].mean()), 4) for which in ('clean', 'zero', 'mean')}
        out[name] = dict(
            fvu=round(found['error'] / float(spread), 5),
            l0=round(found['active'] / count, 2),
            dead=round(1 - float(found['fired'].float().mean()), 5),
            cross_entropy={**entropy, 'dictionary': round(float(losses[name].mean()), 4)},
            recovered={which: recovered(losses[which], losses[name], losses['clean']) for which in ('zero', 'mean')},
            tokens=count,
            windows=len(ids),
            windows_of_losses=len(losses['clean']),
        )
    return out


def recovered(ablated, edited, clean, draws=1000):
    """The share, and its 95 % interval by bootstrap over windows."""
    generator = torch.Generator().manual_seed(0)
    picks = torch.randint(len(clean), (draws, len(clean)), generator=generator)
    share = lambda of: (ablated[of] - edited[of]).sum(-1) / (ablated[of] - clean[of]).sum(-1)
    interval = share(picks).quantile(torch.tensor([0.025, 0.975], dtype=torch.double)).tolist()
    return dict(share=round(float(share(torch.arange(len(clean)))), 4), interval=[round(end, 4) for end in interval])


def statistics(dictionary, h, name):
    """What `feature_stats.json` holds."""
    median = median_norm(h)
    rows = h[counted(h, median)]
    mean, error = rows.mean(0), 0.0
    maximum, density = torch.zeros(WIDTH), torch.zeros(WIDTH, dtype=torch.double)
    for part in rows.split(4096):
        z = dictionary.encode(part)
        maximum, density = torch.maximum(maximum, z.amax(0)), density + (z > 0).sum(0)
        error += float((part - dictionary.decode(z)).square().sum().double())
    rounded = lambda values, places: [round(value, places) for value in values.tolist()]
    return dict(
        note=f'{name}: windows of {texts.WINDOW} tokens of the test split; position 0 and sinks excluded',
        tokens=len(rows),
        fvu=round(error / float((rows - mean).square().sum().double()), 5),
        residual_norm_median=round(median, 4),
        mean=rounded(mean, 5),
        max_activation=rounded(maximum, 3),
        density=rounded(density / len(rows), 7),
    )


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--run', type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    run, ids = arguments.run, texts.load(arguments.run, 'test')[0]
    # A sample of all domains comes first.
    ids = ids[np.random.default_rng(2).permutation(len(ids))]
    below, above, out = Below(run / 'model'), Above(run / 'model'), {}
    found = [below.residuals(ids[at : at + BATCH]) for at in range(0, len(ids), BATCH)]
    (run / 'figures').mkdir(exist_ok=True)
    for layer in SITES:
        h = torch.cat([part[layer] for part in found])
        names = [name for name, plan in PLANS.items() if plan['layer'] == layer]
        opened = {name: Dictionary.open(run / 'sae' / name) for name in names}
        mean = h[counted(h, median_norm(h))].mean(0)
        out.update(figures(above, layer, {**opened, f'random.{layer}': Dictionary.random(mean)}, ids, h))
        for name in names:
            out[name]['weights_sha256'] = sha256(run / 'sae' / name / 'sae_weights.safetensors')
            out[name]['training'] = json.loads((run / 'sae' / name / 'training.json').read_text())
            if name.startswith('blocks.'):
                write_json(run / 'sae' / name / 'feature_stats.json', statistics(opened[name], h, name))
        write_json(run / 'figures' / 'dictionaries.json', out)
        for name in (*names, f'random.{layer}'):
            print(name, json.dumps(out[name]), flush=True)
