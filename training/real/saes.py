"""SAELens' folders of two architectures, in the one form that Lenslet folds them into."""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

from files.tensors import read_file

LEAST, MOST, UNKNOWN = 256, 1024, 512


def slots(width, l0):
    """Room for a token's latents in Lenslet where the number varies (`src/lens/folders/slots.ts`): the next power of two of
    four times the average, within bounds."""
    wanted = UNKNOWN if l0 is None else 2 ** math.ceil(math.log2(max(1, 4 * l0)))
    return min(width, max(LEAST, min(MOST, wanted)))


class Dictionary:
    """p = h W + b; z = the k largest p above 0, or all above the threshold; h^ = z W_dec + b_dec. Of SAELens' own form, in
    which b_dec may be subtracted from h and p multiplied by the lengths of decoder rows, W and b are folded in float64.

    `k`: how many latents there are at most, for a threshold the room that Lenslet has. ValueError for anything else."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        config = json.loads((folder / 'cfg.json').read_text())
        if config['architecture'] not in ('topk', 'jumprelu') or config['normalize_activations'] != 'none':
            raise ValueError(f'{folder}: neither a top-k nor a JumpReLU dictionary without normalisation')
        stored = {name: tensor.double() for name, tensor in read_file(folder / 'sae_weights.safetensors').items()}
        self.layer = int(config['metadata']['hook_name'].split('.')[1])
        self.width, self.architecture = config['d_sae'], config['architecture']
        center = stored['b_dec'] if config['apply_b_dec_to_input'] else torch.zeros_like(stored['b_dec'])
        rescaled = self.architecture == 'topk' and config.get('rescale_acts_by_decoder_norm', False)
        length = stored['W_dec'].norm(dim=1) if rescaled else torch.ones(self.width, dtype=torch.double)
        self.encoder = (stored['W_enc'] * length).float()
        self.encoder_bias = ((stored['b_enc'] - center @ stored['W_enc']) * length).float()
        # A row of zeros is never active: its latents are multiplied by 0, too.
        self.decoder = (stored['W_dec'] / length.where(length > 0, torch.ones_like(length))[:, None]).float()
        self.decoder_bias = stored['b_dec'].float()
        if self.architecture == 'topk':
            self.threshold, self.k = torch.zeros(self.width), config['k']
        else:
            self.threshold = stored['threshold'].float().clamp(min=0)
            self.k = slots(self.width, config['metadata'].get('l0'))

    def preactivations(self, h):
        return torch.addmm(self.encoder_bias, h, self.encoder)

    def active(self, values, ids):
        """What latents the largest pre-activations, `values` of features `ids`, are."""
        return torch.where(values > self.threshold[ids], values, 0)

    def codes(self, h):
        """values, ids [N, k] of residuals [N, d], descending; an unused slot has value 0."""
        values, ids = self.preactivations(h).topk(self.k)
        return self.active(values, ids), ids

    def decode(self, values, ids):
        return F.embedding_bag(ids, self.decoder, mode='sum', per_sample_weights=values) + self.decoder_bias


def open_dictionaries(folder):
    """The dictionaries of a model folder by layer, lowest first."""
    found = [Dictionary(path.parent) for path in pathlib.Path(folder).glob('sae/*/cfg.json')]
    return {one.layer: one for one in sorted(found, key=lambda one: one.layer)}
