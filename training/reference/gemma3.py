"""Gemma 3 (text) as a plain forward pass over an HF folder, beside qwen3.py.

Formulas follow `transformers` modeling_gemma3: embeddings times sqrt(d); RMSNorms whose gain is 1 + w, before each
branch and once more behind it, before it is added; q_norm and k_norm per head before RoPE; scores over
sqrt(query_pre_attn_scalar); layers of full attention, and local ones that see the last `sliding_window` tokens, the own
among them, and have a rotary base of their own; GeGLU with the tanh form of GELU; the unembedding is the embedding.
Everything is computed in `dtype`; the factor sqrt(d) is rounded to float32, as `transformers` keeps it.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

from files.tensors import read_folder
from reference.qwen3 import ends_of


class Gemma3:
    family = 'gemma3_text'

    def __init__(self, folder, dtype=torch.float32):
        config = json.loads((pathlib.Path(folder) / 'config.json').read_text())
        if config['model_type'] != self.family:
            raise ValueError(f'{folder} holds a {config["model_type"]} model; {self.family} is asked for')
        self.d, self.layers, self.vocabulary = config['hidden_size'], config['num_hidden_layers'], config['vocab_size']
        self.heads, self.kv_heads, self.head_dim = (
            config[key] for key in ('num_attention_heads', 'num_key_value_heads', 'head_dim')
        )
        self.context, self.epsilon = config['max_position_embeddings'], config['rms_norm_eps']
        self.scale, self.window = config['query_pre_attn_scalar'] ** -0.5, config['sliding_window']
        self.eos, self.ends = config.get('eos_token_id'), ends_of(pathlib.Path(folder), config)
        self.weights = {name: tensor.to(dtype) for name, tensor in read_folder(folder).items()}
        self.kinds, self.angles = layer_kinds(config), rotary_angles(config, dtype)

    def norm(self, x, name):
        scaled = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon)
        return scaled * (1 + self.weights[name + '.weight'])

    def linear(self, x, name):
        return F.linear(x, self.weights[name + '.weight'])

    def rotate(self, x, kind):
        half, length = self.head_dim // 2, x.shape[-2]
        cos, sin = self.angles[kind]
        turned = torch.cat((-x[..., half:], x[..., :half]), -1)
        return x * cos[:length] + turned * sin[:length]

    def attention(self, x, at, kind):
        length = x.shape[0]
        split = lambda y, heads: y.view(length, heads, self.head_dim).transpose(0, 1)  # [heads, T, head_dim]
        q = self.rotate(self.norm(split(self.linear(x, at + 'q_proj'), self.heads), at + 'q_norm'), kind)
        k = self.rotate(self.norm(split(self.linear(x, at + 'k_proj'), self.kv_heads), at + 'k_norm'), kind)
        v = split(self.linear(x, at + 'v_proj'), self.kv_heads)
        group = self.heads // self.kv_heads
        k, v = k.repeat_interleave(group, 0), v.repeat_interleave(group, 0)
        back = torch.arange(length)[:, None] - torch.arange(length)[None, :]  # how far a key lies behind its query
        seen = (back >= 0) & ((back < self.window) if kind == 'sliding_attention' else True)
        scores = (q @ k.transpose(-1, -2) * self.scale).masked_fill(~seen, float('-inf'))
        return self.linear((scores.softmax(-1) @ v).transpose(0, 1).reshape(length, -1), at + 'o_proj')

    def mlp(self, x, at):
        gate = F.gelu(self.linear(x, at + 'gate_proj'), approximate='tanh')
        return self.linear(gate * self.linear(x, at + 'up_proj'), at + 'down_proj')

    def block(self, layer, h):
        at = f'model.layers.{layer}.'
        attended = self.attention(self.norm(h, at + 'input_layernorm'), at + 'self_attn.', self.kinds[layer])
        h = h + self.norm(attended, at + 'post_attention_layernorm')
        x = self.mlp(self.norm(h, at + 'pre_feedforward_layernorm'), at + 'mlp.')
        return h + self.norm(x, at + 'post_feedforward_layernorm')

    @torch.no_grad()
    def forward(self, ids, edit=None):
        """As Qwen3.forward."""
        embedding = self.weights['model.embed_tokens.weight']
        h = F.embedding(torch.tensor(ids), embedding) * torch.tensor(math.sqrt(self.d))
        residuals = []
        for layer in range(self.layers):
            h = self.block(layer, h)
            residuals.append(h)
            if edit is not None:
                h = edit(layer, h, ids)
        return residuals, F.linear(self.norm(h, 'model.norm'), embedding)


def layer_kinds(config):
    """`full_attention` or `sliding_attention` of each layer; older files only say which ones are full."""
    every = config.get('sliding_window_pattern', 6)
    kind = lambda layer: 'sliding_attention' if (layer + 1) % every else 'full_attention'
    return config.get('layer_types') or [kind(layer) for layer in range(config['num_hidden_layers'])]


def rotary_angles(config, dtype):
    """Cosines and sines by kind of layer. Angles are float32 whatever `dtype` is, as in the model's own code."""
    size, positions = config['head_dim'], torch.arange(config['max_position_embeddings']).float()
    named = config.get('rope_parameters') or {
        'sliding_attention': {'rope_theta': config['rope_local_base_freq']},
        'full_attention': {'rope_theta': config['rope_theta'], **(config.get('rope_scaling') or {})},
    }
    tables = {}
    for kind, rope in named.items():
        inverse = 1.0 / rope['rope_theta'] ** (torch.arange(0, size, 2).float() / size)
        if rope.get('rope_type', 'default') == 'linear':
            inverse = inverse / rope['factor']
        angles = torch.outer(positions, inverse)
        angles = torch.cat((angles, angles), -1)
        tables[kind] = angles.cos().to(dtype), angles.sin().to(dtype)
    return tables
