"""What is measured beside a real model, on toy input: `training/cpu.sh -m unittest real.test_truth -v`."""

import types
import unittest

import numpy as np
import torch

from real.losses import measure, overlap, spread
from real.stream import describe
from real.truth import read


class Block(torch.nn.Module):
    """Adds its number to the stream."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def forward(self, h):
        return h + self.number


class Toy(torch.nn.Module):
    """Two blocks and a head in the shape of transformers' models; a token's residual is its id everywhere."""

    def __init__(self, d=4, vocabulary=6):
        super().__init__()
        self.d, self.vocabulary = d, vocabulary
        self.model = torch.nn.Module()
        self.model.layers = torch.nn.ModuleList([Block(10), Block(100)])

    def forward(self, ids, use_cache):
        h = ids[..., None].float().expand(*ids.shape, self.d)
        for block in self.model.layers:
            h = block(h)
        # The next id is always the likeliest.
        logits = torch.nn.functional.one_hot((ids + 1) % self.vocabulary, self.vocabulary).float() * 5
        return types.SimpleNamespace(logits=logits)


class Features:
    """A dictionary whose features are the channels above a bound."""

    def __init__(self, bound):
        self.bound = bound

    def encode(self, h):
        return (h - self.bound).relu()


class Truth(unittest.TestCase):
    def test_residuals_are_read_behind_every_block_and_no_hook_stays(self):
        model = Toy()
        residuals, logits = read(model, [1, 2, 3])
        self.assertEqual(residuals.shape, (2, 3, 4))
        self.assertEqual(residuals[:, :, 0].tolist(), [[11, 12, 13], [111, 112, 113]])
        self.assertEqual(logits.argmax(-1).tolist(), [2, 3, 4])
        self.assertFalse(any(block._forward_hooks for block in model.model.layers))


class Losses(unittest.TestCase):
    def test_windows_are_spread_from_the_first_to_the_last(self):
        ids = np.arange(10)[:, None].repeat(3, 1).astype(np.uint16)
        self.assertEqual(spread(ids, 3)[:, 0].tolist(), [0, 4, 9])
        self.assertEqual(len(spread(ids, 99)), 10)

    def test_overlap_is_shared_by_all_and_1_where_nothing_is_active(self):
        ours = np.array([[1, 1, 0], [0, 0, 0], [1, 0, 0]], bool)
        theirs = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0]], bool)
        self.assertEqual(overlap(ours, theirs).tolist(), [1 / 3, 1, 0])

    def test_a_model_shares_all_features_with_itself_and_a_text_in_order_costs_little(self):
        windows = torch.tensor([[0, 1, 2, 3], [5, 3, 1, 0]])
        nats, active = measure(Toy(), windows, {1: Features(112)}, None)
        self.assertLess(nats[0], nats[1])
        again, shared = measure(Toy(), windows, {1: Features(112)}, active)
        self.assertEqual((nats, shared), (again, {1: 1.0}))
        _, shared = measure(Toy(), windows, {1: Features(0)}, active)
        self.assertLess(shared[1], 1)


class Stream(unittest.TestCase):
    def test_sinks_are_told_from_long_tokens_and_the_first_is_counted_for_itself(self):
        generator = torch.Generator().manual_seed(1)
        h = torch.randn(2, 40, 16, generator=generator) + 3
        h[:, 0] = 0
        h[:, 0, 5] = 900
        h[0, 7] = 0
        h[0, 7, 5] = 80  # a sink
        h[1, 9] *= 4  # long, in no channel
        ids = torch.arange(80).view(2, 40)
        found = describe(h, ids, lambda some: f'<{some[0]}>')
        self.assertEqual(found['sinks']['count'], 1)
        self.assertEqual(found['sinks']['texts'], [['<7>', 1]])
        self.assertEqual((found['sinks']['channel'], found['first']['channel']), (5, 5))
        self.assertGreater(found['first']['times'], 50)
        self.assertLess(found['centred'] / found['norm'], 0.5)


if __name__ == '__main__':
    unittest.main()
