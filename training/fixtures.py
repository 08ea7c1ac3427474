"""Writes the tiny random Qwen3 folders and the tiny SAE that unit and GPU tests open, with what PyTorch computes on
them.

    python3 training/fixtures.py

Their shapes are ones that lenslet-mini does not have: untied unembedding, shards, bfloat16, head_dim other than d /
heads, one KV head. tiny-nla is a pair of verbalizer and reconstructor in the layout of the open release: shards of
bfloat16, a marker that is an ordinary token.
"""

import json
import pathlib
import re
import shutil
import textwrap

import numpy as np
import torch

from nla.reference import Reconstructor, Verbalizer
from qwen3 import Qwen3
from sae import Sae
from tensors import write_file
from tokens import byte_alphabet, encode

TARGET = pathlib.Path(__file__).parent.parent / 'src/lens/testing/fixtures'
TOKENS = 12

MODELS = {
    'tiny-untied-bf16-sharded': {
        'dtype': torch.bfloat16,
        'seed': 1,
        'shards': 2,
        'config': {
            'hidden_size': 48,
            'num_hidden_layers': 3,
            'num_attention_heads': 4,
            'num_key_value_heads': 2,
            'head_dim': 16,
            'intermediate_size': 96,
            'vocab_size': 300,
            'rope_theta': 1e6,
            'tie_word_embeddings': False,
        },
    },
    'tiny-tied-f32': {
        'dtype': torch.float32,
        'seed': 2,
        'shards': 1,
        'config': {
            'hidden_size': 32,
            'num_hidden_layers': 2,
            'num_attention_heads': 2,
            'num_key_value_heads': 2,
            'head_dim': 16,
            'intermediate_size': 48,
            'vocab_size': 150,
            'rope_theta': 10000.0,
            'tie_word_embeddings': True,
        },
    },
    'tiny-tied-f16': {
        'dtype': torch.float16,
        'seed': 3,
        'shards': 1,
        'config': {
            'hidden_size': 32,
            'num_hidden_layers': 3,
            'num_attention_heads': 4,
            'num_key_value_heads': 1,
            'head_dim': 32,
            'intermediate_size': 64,
            'vocab_size': 200,
            'rope_theta': 100000.0,
            'tie_word_embeddings': True,
        },
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
        members = (
            f'{pad}{literal(key)}: {layout(item, indent + 2, len(pad) + len(literal(key)) + 3)}'
            for key, item in value.items()
        )
        return '{\n' + ',\n'.join(members) + '\n' + ' ' * indent + '}'
    if not isinstance(value, list) or not value:
        return literal(value)
    items = [literal(item) + ',' for item in value[:-1]] + [literal(value[-1])]
    flat = '[' + ' '.join(items) + ']'
    if taken + len(flat) <= 160:
        return flat
    body = textwrap.fill(
        ' '.join(items), 160, initial_indent=pad, subsequent_indent=pad, break_long_words=False, break_on_hyphens=False
    )
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
    matrix = lambda rows, cols, scale: torch.from_numpy(
        random.normal(0, scale / np.sqrt(cols), (rows, cols)).astype(np.float32)
    ).to(dtype)
    gain = lambda size: torch.from_numpy(random.uniform(0.5, 1.5, size).astype(np.float32)).to(dtype)
    weights = {'model.embed_tokens.weight': matrix(vocabulary, d, 4)}
    for layer in range(config['num_hidden_layers']):
        at = f'model.layers.{layer}.'
        weights |= {
            at + 'input_layernorm.weight': gain(d),
            at + 'self_attn.q_proj.weight': matrix(q, d, 1),
            at + 'self_attn.k_proj.weight': matrix(kv, d, 1),
            at + 'self_attn.v_proj.weight': matrix(kv, d, 1),
            at + 'self_attn.o_proj.weight': matrix(d, q, 1),
            at + 'self_attn.q_norm.weight': gain(head),
            at + 'self_attn.k_norm.weight': gain(head),
            at + 'post_attention_layernorm.weight': gain(d),
            at + 'mlp.gate_proj.weight': matrix(hidden, d, 1.5),
            at + 'mlp.up_proj.weight': matrix(hidden, d, 1.5),
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
    config = {
        'architectures': ['Qwen3ForCausalLM'],
        'model_type': 'qwen3',
        **spec['config'],
        'max_position_embeddings': 64,
        'rms_norm_eps': 1e-6,
        'hidden_act': 'silu',
        'attention_bias': False,
        'torch_dtype': NAMES[spec['dtype']],
        'eos_token_id': 0,
    }
    write(folder / 'config.json', config)
    write_weights(folder, random_weights(spec['config'], spec['seed'], spec['dtype']), spec['shards'])
    ids = np.random.default_rng(spec['seed']).integers(0, config['vocab_size'], TOKENS).tolist()
    residuals, logits = Qwen3(folder).forward(ids)
    write(
        folder / 'expected.json',
        {
            'ids': ids,
            'residuals': {str(layer): numbers(h) for layer, h in enumerate(residuals)},
            'logits': numbers(logits),
        },
    )


def sae_fixture(name='tiny-sae-f16', d=48, width=96, k=4, layer=1):
    """The residuals: five at random, one of zeros (its pre-activations are b_enc, of which fewer than k are positive),
    and one whose features 7 and 60 tie."""
    folder = TARGET / name
    folder.mkdir(parents=True)
    random = np.random.default_rng(4)
    half = lambda values: torch.from_numpy(values.astype(np.float16))
    decoder = random.standard_normal((width, d))
    decoder /= np.linalg.norm(decoder, axis=1, keepdims=True)
    bias = random.uniform(-2, -0.5, width)
    bias[[7, 60]], bias[20] = -1, 0.25
    decoder[60] = decoder[7]
    weights = {
        'W_enc': half(decoder.T * 1.5),
        'W_dec': half(decoder),
        'b_enc': half(bias),
        'b_dec': half(random.normal(0, 0.3, d)),
    }
    write_file(folder / 'sae_weights.safetensors', weights)
    hook = f'blocks.{layer}.hook_resid_post'
    write(
        folder / 'cfg.json',
        {
            'architecture': 'topk',
            'd_in': d,
            'd_sae': width,
            'k': k,
            'dtype': 'float16',
            'apply_b_dec_to_input': False,
            'normalize_activations': 'none',
            'hook_name': hook,
            'hook_layer': layer,
        },
    )
    rows = np.concatenate((random.normal(0, 3, (5, d)), np.zeros((1, d)), 8 * decoder[7:8])).astype(np.float32)
    h = torch.from_numpy(np.round(rows, 4))
    sae = Sae(folder)
    ids, values, _ = sae.codes(h)
    write(
        folder / 'expected.json',
        {
            'rows': len(h),
            'residuals': numbers(h),
            'ids': ids.flatten().tolist(),
            'values': numbers(values),
            'fvu': numbers(sae.fvu(h)),
            'preactivations': numbers(sae.preactivations(h)),
        },
    )


# A pair as it is released: what stands in nla_meta.yaml and how the tokenizer sees it.
NLA = {
    'hidden_size': 32,
    'num_hidden_layers': 3,
    'num_attention_heads': 2,
    'num_key_value_heads': 1,
    'head_dim': 16,
    'intermediate_size': 48,
    'vocab_size': 264,
    'rope_theta': 1e6,
    'tie_word_embeddings': False,
}
NLA_SITE, NLA_SCALE, MARKER = 1, 12.0, '㈎'
NLA_TEMPLATES = {
    'av': 'You study activation vectors. {{The vector}} stands in place of a token, inside tags:\n<concept>{injection_char}</concept>\nAnswer inside <explanation> tags.',
    'ar': 'Summary of the following text: <text>{explanation}</text> <summary>',
}
NLA_VECTORS = {'short': 0.02, 'middling': 1, 'long': 25}  # standard deviations
NLA_TEXTS = {'prose': 'English prose.\n\nThe words are “ the fire”.', 'letter': 'x', 'empty': '', 'Chinese': '中文。'}
NLA_ANSWER, NLA_SEED = 24, 41
QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def byte_tokenizer():
    """A byte-level tokenizer that knows 256 bytes, the marker, `</`, and three special tokens."""
    characters = sorted(byte_alphabet(), key=byte_alphabet().get)
    marker = [characters[byte] for byte in MARKER.encode()]
    merges = [marker[:2], [marker[0] + marker[1], marker[2]], ['<', '/']]
    vocabulary = {piece: id for id, piece in enumerate([*characters, *(a + b for a, b in merges)])}
    special = [
        {
            'id': len(vocabulary) + i,
            'content': name,
            'single_word': False,
            'lstrip': False,
            'rstrip': False,
            'normalized': False,
            'special': True,
        }
        for i, name in enumerate(('<|endoftext|>', '<|im_start|>', '<|im_end|>'))
    ]
    byte_level = {'type': 'ByteLevel', 'add_prefix_space': False, 'trim_offsets': False, 'use_regex': False}
    split = {'type': 'Split', 'pattern': {'Regex': QWEN_SPLIT}, 'behavior': 'Isolated', 'invert': False}
    tokenizer = {
        'version': '1.0',
        'truncation': None,
        'padding': None,
        'added_tokens': special,
        'normalizer': {'type': 'NFC'},
        'pre_tokenizer': {'type': 'Sequence', 'pretokenizers': [split, byte_level]},
        'post_processor': byte_level,
        'decoder': byte_level,
        'model': {
            'type': 'BPE',
            'dropout': None,
            'unk_token': None,
            'continuing_subword_prefix': '',
            'end_of_word_suffix': '',
            'fuse_unk': False,
            'byte_fallback': False,
            'vocab': vocabulary,
            'merges': merges,
        },
    }
    turn = "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    template = f"{{% for message in messages %}}{turn}{{% endfor %}}{{% if add_generation_prompt %}}{{{{ '<|im_start|>assistant\\n' }}}}{{% endif %}}"
    return tokenizer, {
        'tokenizer_class': 'Qwen2Tokenizer',
        'add_bos_token': False,
        'bos_token': None,
        'eos_token': '<|im_end|>',
        'pad_token': '<|endoftext|>',
        'unk_token': None,
        'clean_up_tokenization_spaces': False,
        'chat_template': template,
    }


def nla_meta(role, folder):
    text = lambda value: json.dumps(value, ensure_ascii=False)
    marker, left, right, close = (encode(folder, [piece])[0] for piece in (MARKER, '>', '</', '</text> <summary>'))
    return '\n'.join(
        (
            'kind: nla_model',
            'schema_version: 1',
            f'role: {role}',
            f'd_model: {NLA["hidden_size"]}',
            'extraction:',
            '  base_model: tiny',
            f'  layer_index: {NLA_SITE}',
            f'  injection_scale: {NLA_SCALE}',
            '  mse_scale: sqrt_d_model',
            'tokens:',
            f'  injection_char: {text(MARKER)}',
            f'  injection_token_id: {marker[0]}',
            f'  injection_left_neighbor_id: {left[0]}',
            f'  injection_right_neighbor_id: {right[0]}',
            f'  critic_suffix_ids: {json.dumps(close[-5:])}',
            'prompt_templates:',
            f'  {role}: {text(NLA_TEMPLATES[role])}',
            '',
        )
    )


def nla_fixture(name='tiny-nla'):
    tokenizer, tokenizer_config = byte_tokenizer()
    base = random_weights(NLA, NLA_SEED, torch.bfloat16)
    # Attention sharp enough for one token of the prompt to matter.
    base |= {key: weight * 4 for key, weight in base.items() if key.endswith(('q_norm.weight', 'k_norm.weight'))}
    random = np.random.default_rng(6)
    d = NLA['hidden_size']
    for role, layers in (('av', NLA['num_hidden_layers']), ('ar', NLA_SITE + 1)):
        folder = TARGET / name / role
        folder.mkdir(parents=True)
        end = len(tokenizer['model']['vocab']) + 2
        write(
            folder / 'config.json',
            {
                'architectures': ['Qwen3ForCausalLM'],
                'model_type': 'qwen3',
                **NLA,
                'num_hidden_layers': layers,
                'max_position_embeddings': 384,
                'rms_norm_eps': 1e-6,
                'hidden_act': 'silu',
                'attention_bias': False,
                'torch_dtype': 'bfloat16',
                'eos_token_id': end,
            },
        )
        (folder / 'tokenizer.json').write_text(
            json.dumps(tokenizer, ensure_ascii=False, separators=(',', ':')), encoding='utf-8'
        )
        write(folder / 'tokenizer_config.json', tokenizer_config)
        (folder / 'nla_meta.yaml').write_text(nla_meta(role, folder), encoding='utf-8')
        # The final norm stays in the reconstructor's files, as exporters leave it there: nothing may read it.
        write_weights(
            folder,
            {
                key: weight
                for key, weight in base.items()
                if not re.match(r'model\.layers\.(\d+)', key) or int(key.split('.')[2]) < layers
            },
            2,
        )
    head = torch.eye(d) + torch.from_numpy(random.normal(0, 0.2, (d, d)).astype(np.float32))
    write_file(TARGET / name / 'ar/value_head.safetensors', {'weight': head.to(torch.bfloat16)})
    av, ar = Verbalizer(TARGET / name / 'av'), Reconstructor(TARGET / name / 'ar')
    # Of norms far from each other and from the one that is set: only the direction may matter.
    vectors = {
        key: torch.from_numpy(np.round(random.normal(0, scale, d), 5).astype(np.float32))
        for key, scale in NLA_VECTORS.items()
    }
    answers = {key: av.greedy(vector, NLA_ANSWER, 1e-2) for key, vector in vectors.items()}
    assert all(complete for _, complete in answers.values()), 'a tie: take another seed'
    write(
        TARGET / name / 'expected.json',
        {
            'prompt': av.prompt,
            'marker': av.marker,
            'answers': {key: {'vector': numbers(vectors[key]), 'ids': ids} for key, (ids, _) in answers.items()},
            'reconstructions': {
                key: {'text': text, 'prompt': ar.prompt(text), 'vector': numbers(ar.vector(text))}
                for key, text in NLA_TEXTS.items()
            },
        },
    )


def main():
    torch.set_num_threads(1)
    for folder in TARGET.glob('tiny-*'):
        shutil.rmtree(folder)
    for name, spec in MODELS.items():
        model_fixture(name, spec)
    sae_fixture()
    nla_fixture()


if __name__ == '__main__':
    main()
