"""Top-k SAEs of the residual stream in Qwen-Scope's convention: their training, and a random control.

z = topk(relu(h W_enc + b_enc)), h^ = z W_dec + b_dec, decoder rows of length 1. Matrix products of training are in
bfloat16, which is ten times as fast on a CPU.
"""

import dataclasses
import json
import pathlib

import torch
import torch.nn.functional as F

from files.tensors import write_file
from files.whole import write_json

ROWS = 4096  # residuals encoded at once, so that their pre-activations stay small


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
    """A SAELens folder with float16 weights and, beside them, `feature_stats.json`. `dtype` is what SAELens computes in, not
    how the file is stored."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    hook = f'blocks.{layer}.hook_resid_post'
    config = dict(
        architecture='topk',
        d_in=dictionary.decoder.shape[1],
        d_sae=dictionary.width,
        k=dictionary.k,
        dtype='float32',
        apply_b_dec_to_input=False,
        normalize_activations='none',
        hook_name=hook,
        hook_layer=layer,
        # SAELens takes a folder without a version for one of its older form, and then puts a token first.
        metadata=dict(hook_name=hook, model_name=model_name, sae_lens_version='6.0.0', prepend_bos=False),
    )
    write_file(
        folder / 'sae_weights.safetensors', {name: tensor.half() for name, tensor in dictionary.tensors().items()}
    )
    write_json(folder / 'cfg.json', config)
    (folder / 'feature_stats.json').write_text(json.dumps(stats) + '\n')


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
