"""Writes the tiny random Qwen3 folders and the tiny SAE that unit and GPU tests open, with what PyTorch computes on them.

    python3 training/fixtures.py

Their shapes are ones that lenslet-mini does not have: untied unembedding, shards, bfloat16, head_dim other than d / heads, one KV head.
"""
import json
import pathlib
import re
import shutil
import textwrap

import numpy as np
import torch

from qwen3 import Qwen3
from sae import Sae
from tensors import write_file

TARGET = pathlib.Path(__file__).parent.parent / 'src/lens/testing/fixtures'
TOKENS = 12

MODELS = {
    'tiny-untied-bf16-sharded': {
        'dtype': torch.bfloat16, 'seed': 1, 'shards': 2,
        'config': {'hidden_size': 48, 'num_hidden_layers': 3, 'num_attention_heads': 4, 'num_key_value_heads': 2, 'head_dim': 16,
                   'intermediate_size': 96, 'vocab_size': 300, 'rope_theta': 1e6, 'tie_word_embeddings': False},
    },
    'tiny-tied-f32': {
        'dtype': torch.float32, 'seed': 2, 'shards': 1,
        'config': {'hidden_size': 32, 'num_hidden_layers': 2, 'num_attention_heads': 2, 'num_key_value_heads': 2, 'head_dim': 16,
                   'intermediate_size': 48, 'vocab_size': 150, 'rope_theta': 10000.0, 'tie_word_embeddings': True},
    },
    'tiny-tied-f16': {
        'dtype': torch.float16, 'seed': 3, 'shards': 1,
        'config': {'hidden_size': 32, 'num_hidden_layers': 3, 'num_attention_heads': 4, 'num_key_value_heads': 1, 'head_dim': 32,
                   'intermediate_size': 64, 'vocab_size': 200, 'rope_theta': 100000.0, 'tie_word_embeddings': True},
    },
}
NAMES = {torch.float32: 'float32', torch.float16: 'float16', torch.bfloat16: 'bfloat16'}


def literal(value):
    return re.sub(r'e([+-])0+', r'e\1', json.dumps(value))


def layout(value, indent=0, taken=0):
    """JSON as this repository's formatter leaves it: an object's members each on a line, lists filled to 160 columns.
    `taken`: the columns that the line already has."""
    pad = ' ' * (indent + 2)
    if isinstance(value, dict):
        members = (f'{pad}{literal(key)}: {layout(item, indent + 2, len(pad) + len(literal(key)) + 3)}' for key, item in value.items())
        return '{\n' + ',\n'.join(members) + '\n' + ' ' * indent + '}'
    if not isinstance(value, list):
        return literal(value)
    items = [literal(item) + ',' for item in value[:-1]] + [literal(value[-1])]
    flat = '[' + ' '.join(items) + ']'
    if taken + len(flat) <= 160:
        return flat
    body = textwrap.fill(' '.join(items), 160, initial_indent=pad, subsequent_indent=pad, break_long_words=False, break_on_hyphens=False)
    return f'[\n{body}\n{" " * indent}]'


def write(path, document):
    path.write_text(layout(document) + '\n')


def numbers(tensor):
    """A tensor flat, row-major, as floats of 7 significant digits."""
    return [float(f'{value:.7g}') for value in tensor.flatten().tolist()]


def random_weights(config, seed, dtype):
    random = np.random.default_rng(seed)
    d, hidden, vocabulary = config['hidden_size'], config['intermediate_size'], config['vocab_size']
    head = config['head_dim']
    q, kv = config['num_attention_heads'] * head, config['num_key_value_heads'] * head
    matrix = lambda rows, cols, scale: torch.from_numpy(random.normal(0, scale / np.sqrt(cols), (rows, cols)).astype(np.float32)).to(dtype)
    gain = lambda size: torch.from_numpy(random.uniform(0.5, 1.5, size).astype(np.float32)).to(dtype)
    weights = {'model.embed_tokens.weight': matrix(vocabulary, d, 4)}
    for layer in range(config['num_hidden_layers']):
        at = f'model.layers.{layer}.'
        weights |= {
            at + 'input_layernorm.weight': gain(d),
            at + 'self_attn.q_proj.weight': matrix(q, d, 1), at + 'self_attn.k_proj.weight': matrix(kv, d, 1),
            at + 'self_attn.v_proj.weight': matrix(kv, d, 1), at + 'self_attn.o_proj.weight': matrix(d, q, 1),
            at + 'self_attn.q_norm.weight': gain(head), at + 'self_attn.k_norm.weight': gain(head),
            at + 'post_attention_layernorm.weight': gain(d),
            at + 'mlp.gate_proj.weight': matrix(hidden, d, 1.5), at + 'mlp.up_proj.weight': matrix(hidden, d, 1.5),
            at + 'mlp.down_proj.weight': matrix(d, hidden, 1.5),
        }
    weights['model.norm.weight'] = gain(d)
    if not config['tie_word_embeddings']:
        weights['lm_head.weight'] = matrix(vocabulary, d, 2)
    return weights


def write_weights(folder, weights, shards):
    if shards == 1:
        write_file(folder / 'model.safetensors', weights)
        return
    names, where = list(weights), {}
    for shard, part in enumerate(np.array_split(names, shards), 1):
        file = f'model-{shard:05}-of-{shards:05}.safetensors'
        write_file(folder / file, {name: weights[name] for name in part.tolist()})
        where |= {name: file for name in part.tolist()}
    total = sum(tensor.numel() * tensor.element_size() for tensor in weights.values())
    write(folder / 'model.safetensors.index.json', {'metadata': {'total_size': total}, 'weight_map': where})


def model_fixture(name, spec):
    folder = TARGET / name
    folder.mkdir(parents=True)
    config = {'architectures': ['Qwen3ForCausalLM'], 'model_type': 'qwen3', **spec['config'], 'max_position_embeddings': 64, 'rms_norm_eps': 1e-6,
              'hidden_act': 'silu', 'attention_bias': False, 'torch_dtype': NAMES[spec['dtype']], 'eos_token_id': 0}
    write(folder / 'config.json', config)
    write_weights(folder, random_weights(spec['config'], spec['seed'], spec['dtype']), spec['shards'])
    ids = np.random.default_rng(spec['seed']).integers(0, config['vocab_size'], TOKENS).tolist()
    residuals, logits = Qwen3(folder).forward(ids)
    write(folder / 'expected.json', {'ids': ids, 'residuals': {str(layer): numbers(h) for layer, h in enumerate(residuals)}, 'logits': numbers(logits)})


def sae_fixture(name='tiny-sae-f16', d=48, width=96, k=4, layer=1):
    """The residuals: five at random, one of zeros (its pre-activations are b_enc, of which fewer than k are positive), and one whose features 7 and 60 tie."""
    folder = TARGET / name
    folder.mkdir(parents=True)
    random = np.random.default_rng(4)
    half = lambda values: torch.from_numpy(values.astype(np.float16))
    decoder = random.standard_normal((width, d))
    decoder /= np.linalg.norm(decoder, axis=1, keepdims=True)
    bias = random.uniform(-2, -0.5, width)
    bias[[7, 60]], bias[20] = -1, 0.25
    decoder[60] = decoder[7]
    weights = {'W_enc': half(decoder.T * 1.5), 'W_dec': half(decoder), 'b_enc': half(bias), 'b_dec': half(random.normal(0, 0.3, d))}
    write_file(folder / 'sae_weights.safetensors', weights)
    hook = f'blocks.{layer}.hook_resid_post'
    write(folder / 'cfg.json', {'architecture': 'topk', 'd_in': d, 'd_sae': width, 'k': k, 'dtype': 'float16', 'apply_b_dec_to_input': False,
                                'normalize_activations': 'none', 'hook_name': hook, 'hook_layer': layer})
    rows = np.concatenate((random.normal(0, 3, (5, d)), np.zeros((1, d)), 8 * decoder[7:8])).astype(np.float32)
    h = torch.from_numpy(np.round(rows, 4))
    sae = Sae(folder)
    ids, values, _ = sae.codes(h)
    write(folder / 'expected.json', {'rows': len(h), 'residuals': numbers(h), 'ids': ids.flatten().tolist(), 'values': numbers(values),
                                     'fvu': numbers(sae.fvu(h)), 'preactivations': numbers(sae.preactivations(h))})


def main():
    torch.set_num_threads(1)
    if TARGET.exists():
        shutil.rmtree(TARGET)
    for name, spec in MODELS.items():
        model_fixture(name, spec)
    sae_fixture()


if __name__ == '__main__':
    main()
