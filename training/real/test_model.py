"""The network by blocks: `training/cpu.sh -m unittest real.test_model -v`, where there is transformers."""

import importlib.util
import tempfile
import unittest

import torch


@unittest.skipUnless(importlib.util.find_spec('transformers'), 'transformers is not installed')
class Model(unittest.TestCase):
    def test_the_stream_may_be_taken_up_behind_any_block(self):
        from transformers import LlamaConfig, LlamaForCausalLM

        from real.model import Real

        torch.manual_seed(1)
        config = LlamaConfig(
            vocab_size=50, hidden_size=24, intermediate_size=32, num_hidden_layers=4, num_attention_heads=4,
            num_key_value_heads=2, tie_word_embeddings=True,
        )  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            LlamaForCausalLM(config).save_pretrained(folder)
            real = Real(folder)
        ids = torch.randint(50, (3, 17))
        with torch.no_grad():
            whole = real.network(ids, output_hidden_states=True)
        expected = torch.nn.functional.cross_entropy(
            whole.logits[:, 1:-1].transpose(1, 2), ids[:, 2:], reduction='none'
        )
        for first in range(4):
            found = real.cross_entropy(ids, whole.hidden_states[first], first)
            self.assertTrue(torch.allclose(found, expected, atol=1e-5))
