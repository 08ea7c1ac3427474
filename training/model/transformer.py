"""Qwen3 (dense) to train and to sample from, its parameters under the names of a Qwen3 folder.

`reference/qwen3.py` computes one text plainly; `test_model.py` holds this module to it. On a CPU bfloat16 linear
layers are four times as fast as float32 ones, so that `forward` is written for autocast.
"""

import dataclasses
import json
import math
import pathlib

import torch
import torch.nn as nn
import torch.nn.functional as F

from files.tensors import read_folder


@dataclasses.dataclass
class Shape:
    """Sizes of a model; the defaults are lenslet-mini's (6.8 M parameters)."""

    vocabulary: int = 8192
    d: int = 256
    layers: int = 6
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 64
    ff: int = 768
    context: int = 512
    theta: float = 10000.0
    epsilon: float = 1e-6


class Norm(nn.Module):
    def __init__(self, size, epsilon):
        super().__init__()
        self.weight, self.epsilon = nn.Parameter(torch.ones(size)), epsilon

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), -1) * sin


class Attention(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
        self.q_proj, self.k_proj = nn.Linear(shape.d, queries, bias=False), nn.Linear(shape.d, keys, bias=False)
        self.v_proj, self.o_proj = nn.Linear(shape.d, keys, bias=False), nn.Linear(queries, shape.d, bias=False)
        self.q_norm, self.k_norm = Norm(shape.head_dim, shape.epsilon), Norm(shape.head_dim, shape.epsilon)

    def forward(self, x, cos, sin, mask, cache=None):
        rows, length, _ = x.shape
        heads, kv, size = self.shape.heads, self.shape.kv_heads, self.shape.head_dim
        q = rotate(self.q_norm(self.q_proj(x).view(rows, length, heads, size).transpose(1, 2)), cos, sin)
        k = rotate(self.k_norm(self.k_proj(x).view(rows, length, kv, size).transpose(1, 2)), cos, sin)
        v = self.v_proj(x).view(rows, length, kv, size).transpose(1, 2)
        if cache is not None:
            k, v = cache.extend(k, v)
        # A group's queries share their key and value head: they are more rows of one product.
        group = heads // kv
        scores = q.reshape(rows, kv, group * length, size) @ k.transpose(-1, -2) / math.sqrt(size)
        scores = scores.view(rows, kv, group, length, k.shape[2]) + mask.to(scores.dtype)
        mixed = scores.softmax(-1).to(v.dtype).view(rows, kv, group * length, k.shape[2]) @ v
        return self.o_proj(mixed.view(rows, heads, length, size).transpose(1, 2).reshape(rows, length, heads * size))


class GatedUnit(torch.autograd.Function):
    """silu(gate) * up, its backward from one sigmoid: half the time of PyTorch's own in bfloat16."""

    @staticmethod
    def forward(ctx, gate, up):
        sigmoid = torch.sigmoid(gate)
        ctx.save_for_backward(gate, up, sigmoid)
        return gate * sigmoid * up

    @staticmethod
    def backward(ctx, grad):
        gate, up, sigmoid = ctx.saved_tensors
        silu = gate * sigmoid
        return grad * up * (sigmoid + silu * (1 - sigmoid)), grad * silu


class Feedforward(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.gate_proj = nn.Linear(shape.d, shape.ff, bias=False)
        self.up_proj = nn.Linear(shape.d, shape.ff, bias=False)
        self.down_proj = nn.Linear(shape.ff, shape.d, bias=False)

    def forward(self, x):
        return self.down_proj(GatedUnit.apply(self.gate_proj(x), self.up_proj(x)))


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = Norm(shape.d, shape.epsilon), Norm(shape.d, shape.epsilon)
        self.self_attn, self.mlp = Attention(shape), Feedforward(shape)

    def forward(self, x, cos, sin, mask, cache=None):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask, cache)
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.d)
        self.layers = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.d, shape.epsilon)


class Model(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape, self.model = shape, Decoder(shape)
        inverse = 1.0 / shape.theta ** (torch.arange(0, shape.head_dim, 2).float() / shape.head_dim)
        angles = torch.outer(torch.arange(shape.context).float(), inverse)
        angles = torch.cat((angles, angles), -1)
        self.register_buffer('cos', angles.cos(), persistent=False)
        self.register_buffer('sin', angles.sin(), persistent=False)
        self.register_buffer(
            'mask', torch.full((shape.context, shape.context), float('-inf')).triu(1), persistent=False
        )
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                std = 0.02 if 'embed' in name else 1 / math.sqrt(weight.shape[1])
                if name.endswith(('o_proj.weight', 'down_proj.weight')):
                    std /= math.sqrt(2 * shape.layers)
                nn.init.normal_(weight, 0, std)

    def blocks(self, h, first=0, last=None, start=0, caches=None, padding=None, site=None):
        """The residual [B, T, d] after blocks `first`..`last - 1`, from position `start`; `site(layer, h)` may return
        another one.

        `padding` [B]: how many positions at the left of each row are empty. Positions are turned relative to one
        another, so that a row behind padding gives what it gives alone."""
        end = start + h.shape[1]
        mask = self.mask[start:end, :end]
        if padding is not None:
            keys, queries = torch.arange(end), torch.arange(start, end)
            empty = (keys < padding[:, None])[:, None, :] & (queries >= padding[:, None])[:, :, None]
            mask = mask.masked_fill(empty, float('-inf'))[:, None, None]
        for layer in range(first, self.shape.layers if last is None else last):
            h = self.model.layers[layer](
                h, self.cos[start:end], self.sin[start:end], mask, None if caches is None else caches[layer]
            )
            if site is not None:
                h = site(layer, h)
        return h

    def logits(self, h):
        return F.linear(self.model.norm(h), self.model.embed_tokens.weight)

    def forward(self, ids, site=None):
        return self.logits(self.blocks(self.model.embed_tokens(ids), site=site))

    def loss(self, ids):
        """Mean cross-entropy in nats of ids [B, T + 1] for every next token."""
        h = self.model.norm(self.blocks(self.model.embed_tokens(ids[:, :-1])))
        return UnembeddingLoss.apply(h.flatten(0, 1), self.model.embed_tokens.weight, ids[:, 1:].flatten())


def open_model(folder):
    """The model of a Qwen3 folder in float32, from the weights as stored; nothing in it can be trained."""
    config = json.loads((pathlib.Path(folder) / 'config.json').read_text())
    model = Model(
        Shape(
            config['vocab_size'],
            config['hidden_size'],
            config['num_hidden_layers'],
            config['num_attention_heads'],
            config['num_key_value_heads'],
            config['head_dim'],
            config['intermediate_size'],
            config['max_position_embeddings'],
            config['rope_theta'],
            config['rms_norm_eps'],
        )
    )
    weights = read_folder(folder)
    weights.pop('lm_head.weight', None)
    model.load_state_dict(weights)
    return model.eval().requires_grad_(False)


class UnembeddingLoss(torch.autograd.Function):
    """Cross-entropy of the unembedding, its gradient taken chunk by chunk on the way: [N, V] never exists whole, and
    each chunk's logits are still in the processor's cache when they are needed again."""

    CHUNK = 512

    @staticmethod
    def forward(ctx, h, weight, targets):
        h16, weight16 = h.bfloat16(), weight.bfloat16()
        grad_h, grad_weight, total = torch.empty_like(h), torch.zeros(weight.shape[::-1]), 0.0
        for begin in range(0, len(h), UnembeddingLoss.CHUNK):
            part = slice(begin, begin + UnembeddingLoss.CHUNK)
            target = targets[part, None]
            logs = F.log_softmax((h16[part] @ weight16.T).float(), -1)
            total -= float(logs.gather(1, target).sum())
            slope = logs.exp_().scatter_add_(1, target, torch.full(target.shape, -1.0)).div_(len(h)).bfloat16()
            grad_h[part] = slope @ weight16
            grad_weight += h16[part].T.contiguous() @ slope
        ctx.save_for_backward(grad_h, grad_weight.T)
        return h.new_tensor(total / len(h))

    @staticmethod
    def backward(ctx, scale):
        grad_h, grad_weight = ctx.saved_tensors
        return grad_h * scale, grad_weight * scale, None
