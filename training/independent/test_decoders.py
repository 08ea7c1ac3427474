"""The plain forward passes of `reference/` against transformers, on random weights:

    LENSLET_PYTHON=…/bin/python training/cpu.sh -m unittest independent.test_decoders -v

in an environment that has transformers (5.24.0 is what was tried); elsewhere it is skipped. Prints the largest |a - b| /
|b| of a token's residual behind each block, and of its logits, all in float32.
"""

import importlib.util
import pathlib
import tempfile
import unittest

import torch

from reference.families import open_decoder

TOKENS = 96
SHARED = {
    'hidden_size': 96,
    'num_hidden_layers': 4,
    'intermediate_size': 160,
    'num_attention_heads': 6,
    'num_key_value_heads': 2,
    'vocab_size': 200,
    'max_position_embeddings': 128,
}
# An original context in which some frequencies are fast, some slow and some between.
LLAMA3 = {
    'rope_type': 'llama3',
    'rope_theta': 500.0,
    'factor': 8.0,
    'low_freq_factor': 1.0,
    'high_freq_factor': 4.0,
    'original_max_position_embeddings': 48,
}
CASES = {
    'Llama, tied': ('Llama', {'tie_word_embeddings': True}),
    'Llama 3.1, untied, wide heads': ('Llama', {'rope_parameters': LLAMA3, 'head_dim': 32}),
    'Qwen2': ('Qwen2', {}),
    'Qwen3': ('Qwen3', {'head_dim': 32, 'tie_word_embeddings': True}),
}


def random_model(family, changes):
    import transformers

    config = getattr(transformers, f'{family}Config')(**SHARED, **changes)
    model = getattr(transformers, f'{family}ForCausalLM')(config).eval()
    generator = torch.Generator().manual_seed(1)
    for name, weight in model.named_parameters():
        if name.endswith('norm.weight'):
            weight.data.uniform_(0.5, 1.5, generator=generator)
        else:
            scale = 0.5 if name.endswith('bias') else 1.5 / weight.shape[-1] ** 0.5
            weight.data.normal_(0, 4 if 'embed' in name else scale, generator=generator)
    return model


@torch.no_grad()
def theirs(model, ids):
    residuals = []
    for layer in model.model.layers:
        layer.register_forward_hook(lambda _, inputs, out: residuals.append(out[0] if isinstance(out, tuple) else out))
    logits = model(torch.tensor([ids])).logits
    return [h.reshape(len(ids), -1) for h in residuals], logits[0]


def worst(a, b):
    return ((a - b).norm(dim=-1) / b.norm(dim=-1)).max().item()


@unittest.skipUnless(importlib.util.find_spec('transformers'), 'transformers is not installed here')
class Decoders(unittest.TestCase):
    def test_residuals_and_logits_are_those_of_transformers(self):
        ids = [(7 * i * i + 3 * i + 1) % SHARED['vocab_size'] for i in range(TOKENS)]
        for name, (family, changes) in CASES.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                model = random_model(family, changes)
                model.save_pretrained(folder)
                ours = open_decoder(pathlib.Path(folder), torch.float32).forward(ids)
                residuals, logits = theirs(model, ids)
                found = [worst(a, b) for a, b in zip(ours[0], residuals, strict=True)]
                found_logits = worst(ours[1], logits)
                print(f'{name}: residuals {max(found):.1e}, logits {found_logits:.1e}')
                self.assertLess(max(*found, found_logits), 1e-5)


if __name__ == '__main__':
    unittest.main()
