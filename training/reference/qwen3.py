"""Qwen3 (dense) as a plain forward pass over an HF folder: the truth that the browser's engine is compared with.

Formulas follow `transformers` modeling_qwen3: RMSNorm before attention and MLP, q_norm and k_norm per head before RoPE,
RoPE on half-rotated heads, grouped-query attention, SwiGLU, no biases. Weights are used as stored; everything is
computed in `dtype`.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

from files.tensors import read_folder


class Qwen3:
    family = 'qwen3'

    def __init__(self, folder, dtype=torch.float32):
        config = json.loads((pathlib.Path(folder) / 'config.json').read_text())
        if config['model_type'] != self.family:
            raise ValueError(f'{folder} holds a {config["model_type"]} model; {self.family} is asked for')
        self.d, self.layers, self.vocabulary = config['hidden_size'], config['num_hidden_layers'], config['vocab_size']
        self.heads, self.kv_heads = config['num_attention_heads'], config['num_key_value_heads']
        self.head_dim = config.get('head_dim') or self.d // self.heads
        self.context, self.epsilon = config['max_position_embeddings'], config['rms_norm_eps']
        self.eos, self.ends = config.get('eos_token_id'), ends_of(pathlib.Path(folder), config)
        self.weights = {name: tensor.to(dtype) for name, tensor in read_folder(folder).items()}
        if config['tie_word_embeddings']:
            self.weights['lm_head.weight'] = self.weights['model.embed_tokens.weight']
        # Angles are float32 whatever `dtype` is, as in the model's own code.
        angles = torch.outer(torch.arange(self.context).float(), self.frequencies(config))
        angles = torch.cat((angles, angles), -1)
        self.cos, self.sin = angles.cos().to(dtype), angles.sin().to(dtype)

    def frequencies(self, config):
        """Radians a position, [head_dim / 2]."""
        theta = (config.get('rope_parameters') or config)['rope_theta']
        return 1.0 / theta ** (torch.arange(0, self.head_dim, 2).float() / self.head_dim)

    def norm(self, x, name):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weights[name + '.weight']

    def head_norm(self, x, name):
        return self.norm(x, name)

    def linear(self, x, name):
        return F.linear(x, self.weights[name + '.weight'])

    def rotate(self, x):
        half, length = self.head_dim // 2, x.shape[-2]
        turned = torch.cat((-x[..., half:], x[..., :half]), -1)
        return x * self.cos[:length] + turned * self.sin[:length]

    def attention(self, x, at):
        length = x.shape[0]
        split = lambda y, heads: y.view(length, heads, self.head_dim).transpose(0, 1)  # [heads, T, head_dim]
        q = self.rotate(self.head_norm(split(self.linear(x, at + 'q_proj'), self.heads), at + 'q_norm'))
        k = self.rotate(self.head_norm(split(self.linear(x, at + 'k_proj'), self.kv_heads), at + 'k_norm'))
        v = split(self.linear(x, at + 'v_proj'), self.kv_heads)
        group = self.heads // self.kv_heads
        k, v = k.repeat_interleave(group, 0), v.repeat_interleave(group, 0)
        mask = torch.full((length, length), float('-inf'), dtype=x.dtype).triu(1)
        weights = (q @ k.transpose(-1, -2) / math.sqrt(self.head_dim) + mask).softmax(-1)
        return self.linear((weights @ v).transpose(0, 1).reshape(length, -1), at + 'o_proj')

    def block(self, layer, h):
        at = f'model.layers.{layer}.'
        h = h + self.attention(self.norm(h, at + 'input_layernorm'), at + 'self_attn.')
        x = self.norm(h, at + 'post_attention_layernorm')
        return h + self.linear(
            F.silu(self.linear(x, at + 'mlp.gate_proj')) * self.linear(x, at + 'mlp.up_proj'), at + 'mlp.down_proj'
        )

    @torch.no_grad()
    def forward(self, ids, edit=None):
        """Residual after every block, each [T, d], and logits [T, V]. `edit(layer, h, ids)` returns the residual that
        the next block sees; the residuals returned are those before it."""
        h = F.embedding(torch.tensor(ids), self.weights['model.embed_tokens.weight'])
        residuals = []
        for layer in range(self.layers):
            h = self.block(layer, h)
            residuals.append(h)
            if edit is not None:
                h = edit(layer, h, ids)
        return residuals, self.linear(self.norm(h, 'model.norm'), 'lm_head')


def ends_of(folder, config):
    """The ids that end a text: those of generation_config.json, and config.json's."""
    generation = folder / 'generation_config.json'
    named = [config, json.loads(generation.read_text()) if generation.exists() else {}]
    found = [source.get('eos_token_id') for source in named]
    return {id for ids in found if ids is not None for id in (ids if isinstance(ids, list) else [ids])}
