"""Writes a Qwen3 folder as a GGUF file, so that programs which share no code with this project can run the model.

    training/cpu.sh -m independent.gguf --model "$PWD/public/models/lenslet-mini" --out "$PWD/lenslet-mini.gguf"

Every tensor is stored in float32: that holds a float16 or bfloat16 weight exactly, and it keeps ggml from rounding the
activations to float16, as it does before it multiplies them by float16 weights. What then differs from PyTorch is the
order of float32 sums alone.

The tokenizer is written as Qwen2's. Readers of GGUF do not normalize text to NFC, as tokenizer.json asks: give them
text that is NFC.
"""

import argparse
import json
import pathlib
import struct

import numpy as np

from files.tensors import read_folder
from files.tokens import QWEN2_SPLIT

VERSION, ALIGNMENT = 3, 32
U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9  # types of metadata
TENSOR_F32 = 0
NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5  # types of tokens

OUTER = {'model.embed_tokens': 'token_embd', 'model.norm': 'output_norm', 'lm_head': 'output'}
INNER = {
    'input_layernorm': 'attn_norm',
    'self_attn.q_proj': 'attn_q',
    'self_attn.k_proj': 'attn_k',
    'self_attn.v_proj': 'attn_v',
    'self_attn.q_norm': 'attn_q_norm',
    'self_attn.k_norm': 'attn_k_norm',
    'self_attn.o_proj': 'attn_output',
    'post_attention_layernorm': 'ffn_norm',
    'mlp.gate_proj': 'ffn_gate',
    'mlp.up_proj': 'ffn_up',
    'mlp.down_proj': 'ffn_down',
}


def text(value):
    data = value.encode()
    return struct.pack('<Q', len(data)) + data


PACK = {
    U32: lambda value: struct.pack('<I', value),
    I32: lambda value: struct.pack('<i', value),
    F32: lambda value: struct.pack('<f', value),
    BOOL: lambda value: struct.pack('<?', value),
    STRING: text,
}


def entry(key, kind, value):
    """One key of the metadata; a list becomes an array of `kind`."""
    if isinstance(value, list):
        return text(key) + struct.pack('<IIQ', ARRAY, kind, len(value)) + b''.join(map(PACK[kind], value))
    return text(key) + struct.pack('<I', kind) + PACK[kind](value)


def model_metadata(config):
    if config['model_type'] != 'qwen3' or config.get('rope_scaling') or config.get('attention_bias'):
        raise ValueError('only qwen3 without rope scaling and without biases is known here')
    heads = config['num_attention_heads']
    head_dim = config.get('head_dim') or config['hidden_size'] // heads
    sizes = {
        'context_length': config['max_position_embeddings'],
        'embedding_length': config['hidden_size'],
        'block_count': config['num_hidden_layers'],
        'feed_forward_length': config['intermediate_size'],
        'attention.head_count': heads,
        'attention.head_count_kv': config['num_key_value_heads'],
        'attention.key_length': head_dim,
        'attention.value_length': head_dim,
        'rope.dimension_count': head_dim,
    }
    return [
        entry('general.architecture', STRING, 'qwen3'),
        entry('general.file_type', U32, 0),  # all float32
        *(entry(f'qwen3.{name}', U32, value) for name, value in sizes.items()),
        entry('qwen3.attention.layer_norm_rms_epsilon', F32, config['rms_norm_eps']),
        entry('qwen3.rope.freq_base', F32, config['rope_theta']),
    ]


def tokenizer_metadata(tokenizer, config):
    model, splits = tokenizer['model'], tokenizer['pre_tokenizer'].get('pretokenizers', [])
    if model['type'] != 'BPE' or not splits or splits[0].get('pattern') != {'Regex': QWEN2_SPLIT}:
        raise ValueError("only a byte-level BPE that splits text as Qwen2's does is known here")
    size = config['vocab_size']
    tokens, kinds = [f'[PAD{token}]' for token in range(size)], [UNUSED] * size
    for content, token in model['vocab'].items():
        tokens[token], kinds[token] = content, NORMAL
    for added in tokenizer['added_tokens']:
        tokens[added['id']], kinds[added['id']] = added['content'], CONTROL if added['special'] else USER_DEFINED
    merges = [merge if isinstance(merge, str) else ' '.join(merge) for merge in model['merges']]
    return [
        entry('tokenizer.ggml.model', STRING, 'gpt2'),
        entry('tokenizer.ggml.pre', STRING, 'qwen2'),
        entry('tokenizer.ggml.tokens', STRING, tokens),
        entry('tokenizer.ggml.token_type', I32, kinds),
        entry('tokenizer.ggml.merges', STRING, merges),
        entry('tokenizer.ggml.add_bos_token', BOOL, False),
        *(
            entry(f'tokenizer.ggml.{name}', U32, config[name])
            for name in ('bos_token_id', 'eos_token_id')
            if config.get(name) is not None
        ),
    ]


def tensor_name(name):
    """'model.layers.2.mlp.up_proj.weight' is 'blk.2.ffn_up.weight' in GGUF. A name it has none for is a KeyError."""
    module = name.removesuffix('.weight')
    if not module.startswith('model.layers.'):
        return OUTER[module] + '.weight'
    layer, inner = module.removeprefix('model.layers.').split('.', 1)
    return f'blk.{layer}.{INNER[inner]}.weight'


def padded(data):
    return data + bytes(-len(data) % ALIGNMENT)


def write_gguf(folder, path):
    config = json.loads((folder / 'config.json').read_text())
    metadata = model_metadata(config) + tokenizer_metadata(
        json.loads((folder / 'tokenizer.json').read_text(encoding='utf-8')), config
    )
    weights = read_folder(folder)
    if config['tie_word_embeddings']:
        weights.pop('lm_head.weight', None)
    infos, blobs, at = [], [], 0
    for name, tensor in weights.items():
        blob = padded(np.ascontiguousarray(tensor.numpy(), '<f4').tobytes())
        shape = tensor.shape[::-1]  # GGUF counts dimensions from the innermost
        infos.append(text(tensor_name(name)) + struct.pack(f'<I{len(shape)}QIQ', len(shape), *shape, TENSOR_F32, at))
        blobs.append(blob)
        at += len(blob)
    header = b'GGUF' + struct.pack('<IQQ', VERSION, len(infos), len(metadata)) + b''.join(metadata + infos)
    path.write_bytes(padded(header) + b''.join(blobs))


def main():
    parser = argparse.ArgumentParser(description='Write a Qwen3 folder as GGUF.')
    parser.add_argument('--model', type=pathlib.Path, required=True, help='HF folder, e.g. public/models/lenslet-mini')
    parser.add_argument('--out', type=pathlib.Path, required=True)
    options = parser.parse_args()
    write_gguf(options.model, options.out)


if __name__ == '__main__':
    main()
