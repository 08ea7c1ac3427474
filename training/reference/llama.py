"""Llama 3.x and SmolLM2 as a plain forward pass over an HF folder, beside qwen3.py.

Formulas follow `transformers` modeling_llama: Qwen3's without norms of queries and keys. Llama 3.1 and later stretch
the rotary frequencies (`_compute_llama3_parameters` in modeling_rope_utils).
"""

import math

import torch

from reference.qwen3 import Qwen3


class Llama(Qwen3):
    family = 'llama'

    def head_norm(self, x, name):
        return x

    def frequencies(self, config):
        plain, scaling = super().frequencies(config), config.get('rope_parameters') or config.get('rope_scaling') or {}
        kind = scaling.get('rope_type', 'default')
        if kind == 'default':
            return plain
        if kind != 'llama3':
            raise ValueError(f'rotary frequencies of the type {kind} are not known here')
        low, high = scaling['low_freq_factor'], scaling['high_freq_factor']
        context, factor = scaling['original_max_position_embeddings'], scaling['factor']
        wavelength = 2 * math.pi / plain
        smooth = (context / wavelength - low) / (high - low)
        between = (1 - smooth) * plain / factor + smooth * plain
        slow = torch.where(wavelength > context / low, plain / factor, between)
        return torch.where(wavelength < context / high, plain, slow)
