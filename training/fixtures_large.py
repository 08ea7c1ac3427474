"""Writes small folders that have what large Qwen models have and lenslet-mini has not, with what PyTorch computes on
them.

    python3 training/fixtures_large.py

Qwen3 and Qwen2.5, bfloat16, whole and in shards, tied and untied, with and without heads of their own width and shared
keys. In all of them the first token is an attention sink (its residual's norm is near 12,000 behind block 1) and a few
channels are 50 to 100 times the rest, as in real ones: a norm in too few bits, a sum in the wrong type or a weight in
the wrong place shows there first. Expected residuals and logits are PyTorch's in float64 on the weights as stored
(`f32`), as float16, and as artifacts/quantise.ts keeps them (`q8`, `q4`), whose bytes are hashed.
"""

import hashlib
import shutil

import numpy as np
import torch

from fixtures import TARGET, write, write_weights
from qwen2 import open_qwen
from tensors import read_folder, write_file

TOKENS = 36  # ONNX Runtime's attention takes another way from 32 on
BLOCK = 32
SINK, FLAG, SINKS, OUTLIERS = 7, 30, [9, 50], [5, 23, 41]
SHARED = {
    'hidden_size': 64,
    'num_hidden_layers': 3,
    'intermediate_size': 96,
    'vocab_size': 80,
    'rope_theta': 1e6,
    'max_position_embeddings': 64,
    'rms_norm_eps': 1e-6,
    'hidden_act': 'silu',
    'torch_dtype': 'bfloat16',
    'eos_token_id': 0,
}
QWEN3 = {'architectures': ['Qwen3ForCausalLM'], 'model_type': 'qwen3', 'attention_bias': False, **SHARED}
# As Qwen2.5's files have it: a window that is not used, no head_dim.
QWEN2 = {
    'architectures': ['Qwen2ForCausalLM'],
    'model_type': 'qwen2',
    'use_sliding_window': False,
    'sliding_window': 64,
    'max_window_layers': 2,
    'use_mrope': False,
    **SHARED,
}
MODELS = {
    'planted-qwen3-tied': (
        1,
        1,
        {**QWEN3, 'num_attention_heads': 4, 'num_key_value_heads': 2, 'head_dim': 32, 'tie_word_embeddings': True},
    ),
    'planted-qwen3-untied-sharded': (
        2,
        3,
        {**QWEN3, 'num_attention_heads': 3, 'num_key_value_heads': 3, 'head_dim': 32, 'tie_word_embeddings': False},
    ),
    'planted-qwen2-tied-sharded': (
        3,
        2,
        {**QWEN2, 'num_attention_heads': 4, 'num_key_value_heads': 2, 'tie_word_embeddings': True},
    ),
    'planted-qwen2-untied': (
        4,
        1,
        {**QWEN2, 'num_attention_heads': 4, 'num_key_value_heads': 4, 'tie_word_embeddings': False},
    ),
}


def planted_weights(config, seed):
    random = np.random.default_rng(seed)
    d, hidden, vocabulary = config['hidden_size'], config['intermediate_size'], config['vocab_size']
    heads, shared = config['num_attention_heads'], config['num_key_value_heads']
    head = config.get('head_dim', d // heads)
    matrix = lambda rows, columns, scale=1.0: random.normal(0, scale / np.sqrt(columns), (rows, columns))
    gain = lambda size: random.uniform(0.5, 1.5, size)
    weights = {'model.embed_tokens.weight': matrix(vocabulary, d, np.sqrt(d))}
    weights['model.embed_tokens.weight'][:, OUTLIERS] = random.normal([90, -105, 120], 8, (vocabulary, len(OUTLIERS)))
    # The first token, and nothing else, is flagged in a channel that no block writes until the sink is there.
    weights['model.embed_tokens.weight'][:, FLAG] = 0
    weights['model.embed_tokens.weight'][SINK, FLAG] = 8
    for layer in range(config['num_hidden_layers']):
        at = f'model.layers.{layer}.'
        block = {'input_layernorm.weight': gain(d)}
        for kind, count in (('q', heads), ('k', shared), ('v', shared)):
            block[f'self_attn.{kind}_proj.weight'] = matrix(count * head, d)
            if config['model_type'] == 'qwen2':
                # Those of the keys are far from zero in a few places.
                bias = random.normal(0, 0.5, count * head)
                if kind == 'k':
                    bias[::11] *= 40
                block[f'self_attn.{kind}_proj.bias'] = bias
            elif kind != 'v':
                block[f'self_attn.{kind}_norm.weight'] = gain(head) * 1.5
        block |= {
            'self_attn.o_proj.weight': matrix(d, heads * head),
            'post_attention_layernorm.weight': gain(d),
            'mlp.gate_proj.weight': matrix(hidden, d, 1.5),
            'mlp.up_proj.weight': matrix(hidden, d, 1.5),
            'mlp.down_proj.weight': matrix(d, hidden, 1.5),
        }
        if layer < 2:
            for name in ('self_attn.o_proj.weight', 'mlp.down_proj.weight'):
                block[name][FLAG] = 0
        # What is planted fills the norm: the other channels are raised, and these hardly read.
        for name in ('input_layernorm.weight', 'post_attention_layernorm.weight'):
            block[name] *= 8
            block[name][SINKS + OUTLIERS] = 0.05
        if layer == 1:
            neurons = slice(0, 8)
            for name in ('mlp.gate_proj.weight', 'mlp.up_proj.weight'):
                block[name][neurons] = 0
                block[name][neurons, FLAG] = 8
            block['mlp.down_proj.weight'][:, neurons] = 0
            block['post_attention_layernorm.weight'][FLAG] = 4
        weights |= {at + name: value for name, value in block.items()}
    weights['model.norm.weight'] = gain(d) * 4
    weights['model.norm.weight'][SINKS + OUTLIERS] = 0.2
    if not config['tie_word_embeddings']:
        weights['lm_head.weight'] = matrix(vocabulary, d, 2)
    return weights


def stored(weights):
    return {name: torch.from_numpy(value.astype(np.float32)).to(torch.bfloat16) for name, value in weights.items()}


def plant_sink(folder, weights, config, ids, shards):
    """Sets what the sink's neurons write so that the norm comes out at 12,000; the folder is then final."""
    down, outputs = 'model.layers.1.mlp.down_proj.weight', np.array([1, -0.4])
    weights[down][SINKS, :8] = outputs[:, None]
    write_weights(folder, stored(weights), shards)
    write(folder / 'config.json', config)
    residuals, _ = open_qwen(folder, torch.float64).forward(ids)
    weights[down][SINKS, :8] *= 12_000 / residuals[1][0, SINKS].norm().item()
    for file in folder.glob('model*'):
        file.unlink()
    write_weights(folder, stored(weights), shards)


def quantise(matrix, bits):
    """artifacts/quantise.ts, step for step in float32. Packed bytes, scales, and the numbers they stand for."""
    zero = 2 ** (bits - 1)
    blocks = matrix.reshape(-1, BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(1)[:, None], 1)
    scales = np.where(np.abs(largest) < 2.0**-100, 0, largest.astype(np.float64) / -zero).astype(np.float32)
    with np.errstate(divide='ignore'):
        inverse = np.where(scales == 0, 0, 1 / scales.astype(np.float64)).astype(np.float32)
    levels = np.floor(blocks * inverse + np.float32(zero + 0.5)).clip(0, 2 * zero - 1)
    numbers = (scales * (levels - zero).astype(np.float32)).reshape(matrix.shape)
    levels = levels.astype(np.uint8)
    packed = levels if bits == 8 else levels[:, ::2] | levels[:, 1::2] << 4
    return packed.tobytes(), scales.astype('<f4').tobytes(), numbers


def kept(weights, kind):
    """The weights as a format has them, and the SHA-256 of the packed bytes and scales of all matrices by name."""
    out, digest = {}, hashlib.sha256()
    for name in sorted(weights):
        tensor = weights[name]
        if tensor.ndim == 1:
            out[name] = tensor
        elif kind == 'f16':
            out[name] = tensor.half().float()
        else:
            vocabulary = name in ('model.embed_tokens.weight', 'lm_head.weight')
            packed, scales, numbers = quantise(tensor.numpy(), 8 if kind == 'q8' or vocabulary else 4)
            digest.update(packed + scales)
            out[name] = torch.from_numpy(numbers)
    return out, digest.hexdigest()


def check_planted(residuals):
    ordinary = [channel for channel in range(SHARED['hidden_size']) if channel not in SINKS + OUTLIERS]
    for h in residuals[1:]:
        assert 9_000 < h[0].norm() < 15_000, h[0].norm()
        assert h[1:].norm(dim=1).max() < 2_000, h[1:].norm(dim=1).max()
    rest = residuals[-1][1:, ordinary].pow(2).mean().sqrt()
    ratio = (residuals[-1][1:, OUTLIERS].pow(2).mean(0).sqrt() / rest).tolist()
    print(
        '   norm of position 0:',
        [round(h[0].norm().item()) for h in residuals],
        'outliers, of the rest:',
        [round(x) for x in ratio],
    )
    assert all(40 < x < 150 for x in ratio), ratio
    return ordinary


def model_fixture(name, seed, shards, config):
    folder = TARGET / name
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    ids = np.random.default_rng(seed).integers(0, config['vocab_size'], TOKENS)
    ids[ids == SINK] = SINK + 1
    ids = [SINK, *ids[1:].tolist()]
    plant_sink(folder, planted_weights(config, seed), config, ids, shards)
    weights, expected, hashes = read_folder(folder), {}, {}
    for kind in ('f32', 'f16', 'q8', 'q4'):
        model = open_qwen(folder, torch.float64)
        if kind != 'f32':
            own, digest = kept(weights, kind)
            model.weights = {key: value.double() for key, value in own.items()}
            if config['tie_word_embeddings']:
                model.weights['lm_head.weight'] = model.weights['model.embed_tokens.weight']
            if kind != 'f16':
                hashes[kind] = digest
        residuals, logits = model.forward(ids)
        if kind == 'f32':
            ordinary = check_planted(residuals)
            expected['f32.residuals'] = torch.stack(residuals).float()
        else:
            expected[f'{kind}.final'] = residuals[-1].float()
        expected[f'{kind}.logits'] = logits.float()
    write_file(folder / 'expected.safetensors', expected)
    write(folder / 'expected.json', {'ids': ids, 'ordinary': ordinary, 'sha256': hashes})


def main():
    torch.set_num_threads(1)
    for name, (seed, shards, config) in MODELS.items():
        print(name)
        model_fixture(name, seed, shards, config)


if __name__ == '__main__':
    main()
