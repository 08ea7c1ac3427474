"""Qwen2 and Qwen2.5 (dense) as a plain forward pass over an HF folder, beside qwen3.py.

Formulas follow `transformers` modeling_qwen2: Qwen3's, but with biases on queries, keys and values, and without norms
of queries and keys.
"""

import torch.nn.functional as F

from reference.qwen3 import Qwen3


class Qwen2(Qwen3):
    family = 'qwen2'

    def linear(self, x, name):
        return F.linear(x, self.weights[name + '.weight'], self.weights.get(name + '.bias'))

    def head_norm(self, x, name):
        return x
