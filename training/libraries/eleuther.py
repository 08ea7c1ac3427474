"""sparsify, EleutherAI's: a run's folder with a coder for each hook point, by the library's own class."""

import importlib.metadata
import json
import os

import torch

from libraries.material import LAYER, WIDTH, D, K, fill, library, truth, weights

os.environ['SPARSIFY_DISABLE_TRITON'] = '1'  # read when sparsify is imported

from sparsify import SparseCoder, SparseCoderConfig, TrainConfig

NAME = f'sparsify-{importlib.metadata.version("eai-sparsify")}'
HOOK = f'layers.{LAYER}'


def coder(seed, **keys):
    config = SparseCoderConfig(k=K, **keys)
    found = weights(seed)
    made = SparseCoder(D, config)
    width = made.num_latents
    fill(
        made,
        {
            'encoder.weight': found['W_enc'].T[:width],
            'encoder.bias': found['b_enc'][:width],
            'W_dec': found['W_dec'][:width],
            'b_dec': found['b_dec'],
        },
    )
    return made


def dense(sae):
    """Codes [ROWS, width] of the values and ids that `encode` gives."""

    def encode(rows):
        found = sae.encode(rows)
        return torch.zeros(len(rows), sae.num_latents).scatter_(1, found.top_indices, found.top_acts)

    return encode


def write():
    folder = library(NAME)
    # By its number of latents, and by how many times d they are: the number is then 0.
    for case, keys in {'topk': {'num_latents': WIDTH}, 'expansion': {'expansion_factor': 1}}.items():
        sae = coder(40, **keys)
        sae.save_to_disk(folder / case / HOOK)
        TrainConfig(sae=sae.cfg, run_name=case).save_json(folder / case / 'config.json')
        opened = SparseCoder.load_from_disk(folder / case / HOOK)

        def decode(codes, opened=opened):
            values, ids = codes.topk(K)
            return opened.decode(values, ids)

        truth(folder / f'{case}.expected.safetensors', dense(opened), decode)
    refused(folder / 'refused')


def refused(target):
    """Configurations alone."""
    target.mkdir()
    forms = {
        'groupmax': {'activation': 'groupmax'},
        'transcode': {'transcode': True},
        'skip': {'transcode': True, 'skip_connection': True},
    }
    for name, keys in forms.items():
        config = SparseCoderConfig(k=K, num_latents=WIDTH, **keys)
        (target / f'{name}.json').write_text(json.dumps({**config.to_dict(), 'd_in': D}))
