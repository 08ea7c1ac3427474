"""Published collections, whose files were written by nobody's library: made here by numpy and torch as their cards and
SAELens' readers of them say, and read by SAELens' own readers, of which only the download is replaced."""

import importlib.metadata
import json
import pathlib

import numpy as np
import torch
from sae_lens.loading import pretrained_sae_loaders as loaders
from sae_lens.saes.sae import SAE
from safetensors.torch import load_file, save_file

from libraries.material import LAYER, WIDTH, D, K, library, residuals, thresholds, truth, weights


def by(collection, writer):
    """The folder of a collection, named after the package that wrote its files here."""
    return f'{collection}-by-{writer}-{importlib.metadata.version(writer).split("+")[0]}'


def local(root):
    """In place of a download: the file of that name below `root`."""

    def find(repo_id, filename, subfolder=None, **_):
        path = pathlib.Path(root, subfolder or '', filename)
        if not path.exists():
            raise loaders.EntryNotFoundError(str(path))
        return str(path)

    return find


def shapes(root):
    return lambda repo, file: {name: list(t.shape) for name, t in load_file(root / file).items()}


def opened(loader, root, repo, folder, **sizes):
    """What SAELens makes of a published folder."""
    loaders.hf_hub_download = local(root)
    loaders.get_safetensors_tensor_shapes = shapes(root)
    config, state, _ = loader(repo, folder, cfg_overrides=sizes)
    config = loaders.handle_pre_6_0_config(config)
    sae = SAE.from_dict(config)
    sae.load_state_dict(state)
    return sae


def check(folder, case, sae):
    truth(folder / f'{case}.expected.safetensors', sae.encode, sae.decode)


def write():
    gemma()
    qwen()
    flat()


def gemma():
    folder = library(by('gemma-scope', 'numpy'))
    found = weights(60, unit=True) | {'threshold': thresholds(60)}
    arrays = {name: tensor.numpy() for name, tensor in found.items()}
    for case, save in {'npz': np.savez, 'npz-compressed': np.savez_compressed}.items():
        target = f'layer_{LAYER}/width_16k/average_l0_12'
        (folder / case / target).mkdir(parents=True)
        save(folder / case / target / 'params.npz', **arrays)
        args = folder / case, 'google/gemma-scope-2b-pt-res', target
        check(folder, case, opened(loaders.gemma_2_sae_huggingface_loader, *args, d_in=D, d_sae=WIDTH))
    folder = library(by('gemma-scope-2', 'safetensors'))
    target = f'resid_post/layer_{LAYER}_width_16k_l0_small'
    (folder / 'safetensors' / target).mkdir(parents=True)
    save_file(
        {name.lower(): tensor for name, tensor in found.items()}, folder / 'safetensors' / target / 'params.safetensors'
    )
    config = {
        'hf_hook_point_in': f'model.layers.{LAYER}.output',
        'hf_hook_point_out': f'model.layers.{LAYER}.output',
        'width': WIDTH,
        'model_name': 'gemma-v3-270m-pt',
        'architecture': 'jump_relu',
        'l0': 12,
        'affine_connection': False,
        'type': 'sae',
    }
    (folder / 'safetensors' / target / 'config.json').write_text(json.dumps(config))
    args = folder / 'safetensors', 'google/gemma-scope-2-270m-pt', target
    check(folder, 'safetensors', opened(loaders.gemma_3_sae_huggingface_loader, *args))


def qwen():
    folder = library(by('qwen-scope', 'torch'))
    case = f'SAE-Res-tiny-W1K-L0_{K}'
    found = weights(61)
    stored = found | {'W_enc': found['W_enc'].T.contiguous(), 'W_dec': found['W_dec'].T.contiguous()}
    (folder / case).mkdir()
    torch.save(stored, folder / case / f'layer{LAYER}.sae.pt')
    loaders.QWEN_SCOPE_MODEL_INFO['tiny'] = ('tiny', D)
    args = folder / case, case, f'layer{LAYER}.sae.pt'
    sae = opened(loaders.qwen_scope_sae_huggingface_loader, *args, d_sae=WIDTH)
    assert sae.encode(residuals()).count_nonzero() > 0
    check(folder, case, sae)


def flat():
    """Files of layers whose code could not be had: as their cards describe them, and computed plainly from that."""
    folder = library(by('layer-files', 'torch'))
    found = weights(62)
    threshold = torch.tensor(1.3)
    turned = {'W_enc': found['W_enc'].T.contiguous(), 'W_dec': found['W_dec'].T.contiguous()}
    save_flat(folder / 'threshold', found | turned | {'threshold': threshold, 'k': K})

    def above(rows):
        p = (rows - found['b_dec']) @ found['W_enc'] + found['b_enc']
        return torch.where(p > threshold, p, 0)

    truth(folder / 'threshold.expected.safetensors', above, lambda codes: codes @ found['W_dec'] + found['b_dec'])
    scaled, scale = weights(63), 0.4
    state = {('b_pre' if name == 'b_dec' else name): tensor for name, tensor in scaled.items()}
    save_flat(folder / 'state', {'state': state, 'scale': scale, 'k': K, 'width': WIDTH})

    def largest(rows):
        values, ids = ((scale * rows - scaled['b_dec']) @ scaled['W_enc'] + scaled['b_enc']).topk(K)
        return torch.zeros(len(rows), WIDTH).scatter_(1, ids, values.relu())

    def decode(codes):
        return (codes @ scaled['W_dec'] + scaled['b_dec']) / scale

    truth(folder / 'state.expected.safetensors', largest, decode)


def save_flat(target, content):
    target.mkdir()
    torch.save(content, target / f'layer_{LAYER:02}.pt')
