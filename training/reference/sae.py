"""A top-k SAE in Qwen-Scope's convention, from a SAELens folder: z = topk(relu(h W_enc + b_enc)), h^ = z W_dec +
b_dec."""

import json
import pathlib

import torch

from files.tensors import read_file

UNUSED = 0xFFFFFFFF


class Sae:
    def __init__(self, folder, dtype=torch.float32):
        folder = pathlib.Path(folder)
        config = json.loads((folder / 'cfg.json').read_text())
        if (
            config['architecture'] != 'topk'
            or config['apply_b_dec_to_input']
            or config['normalize_activations'] != 'none'
        ):
            raise ValueError(f'{folder}: not a top-k SAE without pre-subtraction and normalisation')
        weights = {name: tensor.to(dtype) for name, tensor in read_file(folder / 'sae_weights.safetensors').items()}
        self.layer, self.k, self.width = config['hook_layer'], config['k'], config['d_sae']
        self.encoder, self.decoder = weights['W_enc'], weights['W_dec']  # [d, width], [width, d]
        self.encoder_bias, self.decoder_bias = weights['b_enc'], weights['b_dec']
        stats = folder / 'feature_stats.json'
        self.stats = json.loads(stats.read_text()) if stats.exists() else None
        self.center = torch.tensor(self.stats['mean']).to(dtype) if self.stats else self.decoder_bias

    def preactivations(self, h):
        return h @ self.encoder + self.encoder_bias

    def active(self, values, ids):
        """What latents the largest pre-activations, `values` of features `ids`, are."""
        return values.clamp(min=0)

    def codes(self, h):
        """ids and values [T, k], descending, ties to the lower id; unused slots (no positive pre-activation left) have
        id UNUSED and value 0. Also the k-th and (k+1)-th largest pre-activation [T, 2], whatever their sign: their gap
        tells a tie from an error."""
        p, order = torch.sort(self.preactivations(h), dim=-1, descending=True, stable=True)
        values, ids = p[:, : self.k].clamp(min=0), order[:, : self.k].clone()
        ids[values == 0] = UNUSED
        return ids, values, p[:, self.k - 1 : self.k + 1]

    def dense(self, h):
        """The latents after top-k, [T, width]."""
        ids, values, _ = self.codes(h)
        kept = ids != UNUSED
        return torch.zeros(len(h), self.width, dtype=h.dtype).scatter_add(1, torch.where(kept, ids, 0), values)

    def fvu(self, h):
        """|h - h^|^2 / |h - mu|^2 per row; mu is the mean on held-out text, or b_dec without one."""
        error = h - (self.dense(h) @ self.decoder + self.decoder_bias)
        return error.pow(2).sum(-1) / (h - self.center).pow(2).sum(-1)


def open_saes(model_folder, dtype=torch.float32):
    """The SAEs of a model folder by layer, lowest first."""
    found = [Sae(cfg.parent, dtype) for cfg in pathlib.Path(model_folder).glob('sae/*/cfg.json')]
    return {sae.layer: sae for sae in sorted(found, key=lambda sae: sae.layer)}
