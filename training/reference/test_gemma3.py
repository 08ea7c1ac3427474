"""reference/gemma3.py against what `transformers` computed on the small folders of fixtures/gemma3.py:
`training/cpu.sh -m unittest reference.test_gemma3 -v`."""

import json
import pathlib
import unittest

import torch

from files.tensors import read_file
from reference.gemma3 import Gemma3

FIXTURES = pathlib.Path(__file__).parents[2] / 'src/lens/testing/fixtures'


class AgainstTransformers(unittest.TestCase):
    def compare(self, name):
        """Largest difference of a position's residual, over the channels that are not planted, and of its logits."""
        folder = FIXTURES / name
        told, expected = json.loads((folder / 'expected.json').read_text()), read_file(folder / 'expected.safetensors')
        model = Gemma3(folder, torch.float64)
        residuals, logits = model.forward(told['ids'])
        self.assertEqual(model.ends, {1, 43})
        h, truth = torch.stack(residuals), expected['f32.residuals'].double()
        self.assertEqual(h.shape, truth.shape)
        relative = lambda a, b: ((a - b).norm(dim=-1) / b.norm(dim=-1)).max().item()
        ordinary = told['ordinary']
        self.assertLess(relative(h[..., ordinary], truth[..., ordinary]), 2e-5)
        self.assertLess(relative(h, truth), 2e-6)
        self.assertLess(relative(logits, expected['f32.logits'].double()), 2e-5)

    def test_float32_in_the_form_of_the_hubs_files(self):
        self.compare('planted-gemma3-f32')

    def test_bfloat16_in_shards_with_scaled_angles_in_the_form_of_transformers_5(self):
        self.compare('planted-gemma3-bf16-sharded')


if __name__ == '__main__':
    unittest.main()
