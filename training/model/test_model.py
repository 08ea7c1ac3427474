"""Training, export and sampling of a toy model: `training/cpu.sh -m unittest model.test_model -v`."""

import json
import pathlib
import tempfile
import unittest

import numpy as np
import torch
import torch.nn.functional as F

from model.evaluate import answer, wilson
from model.sampler import generate
from model.toy import SHAPE, trained
from model.train import train
from model.transformer import GatedUnit, UnembeddingLoss, open_model
from reference.qwen3 import Qwen3


class Mathematics(unittest.TestCase):
    def test_losses_and_gates_have_the_gradients_that_pytorch_finds(self):
        torch.manual_seed(0)
        h, weight = torch.randn(600, 16, requires_grad=True), torch.randn(50, 16, requires_grad=True)
        targets = torch.randint(0, 50, (600,))
        loss, plain = UnembeddingLoss.apply(h, weight, targets), F.cross_entropy(h @ weight.T, targets)
        self.assertAlmostEqual(loss.item(), plain.item(), delta=0.01)
        for mine, theirs in zip(
            torch.autograd.grad(2 * loss, (h, weight)), torch.autograd.grad(2 * plain, (h, weight))
        ):
            self.assertLess(float((mine - theirs).norm() / theirs.norm()), 0.02)
        gate, up, grad = (torch.randn(5, 7, dtype=torch.float64, requires_grad=index < 2) for index in range(3))
        for mine, theirs in zip(
            torch.autograd.grad(GatedUnit.apply(gate, up), (gate, up), grad),
            torch.autograd.grad(F.silu(gate) * up, (gate, up), grad),
        ):
            self.assertTrue(torch.allclose(mine, theirs))

    def test_wilson_interval(self):
        interval = wilson(8, 10)  # .490 to .943 in Brown, Cai and DasGupta's table
        self.assertAlmostEqual(interval['low'], 0.490, places=3)
        self.assertAlmostEqual(interval['high'], 0.943, places=3)

    def test_answers_are_read_after_the_last_sign(self):
        self.assertEqual(answer(' 92\n4 × 4 = 16'), ('92', False))
        self.assertEqual(answer(' 20 × 4 + 3 × 4 = 80 + 12 = 92.'), ('92', True))


class Toy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work, cls.folder = trained()
        cls.model = open_model(cls.folder)

    def test_training_learns(self):
        curve = [json.loads(line) for line in (self.work / 'train.jsonl').read_text().splitlines()]
        self.assertLess(curve[-1]['dev']['mix'], 0.9 * np.log(SHAPE.vocabulary))

    def test_a_cut_run_goes_on_as_if_it_had_not_been_cut(self):
        weights = []
        for cuts in ((6,), (2, 4)):
            with tempfile.TemporaryDirectory() as place:
                run = pathlib.Path(place)
                for name in ('ids', 'tokenizer'):
                    (run / name).symlink_to(self.work / name)
                for steps in cuts:
                    model = train(run, 6 * 4096, SHAPE, stop_after=steps)
                weights.append(torch.cat([weight.detach().flatten() for weight in model.parameters()]))
        self.assertLess(float((weights[0] - weights[1]).abs().max()), 1e-5)

    def test_the_exported_folder_computes_what_the_plain_reference_does(self):
        reference, ids = Qwen3(self.folder), list(range(5, 45))
        residuals, logits = reference.forward(ids)
        mine = []
        self.assertTrue(
            torch.allclose(self.model(torch.tensor([ids]), lambda layer, h: mine.append(h) or h)[0], logits, atol=1e-4)
        )
        for theirs, ours in zip(residuals, mine):
            self.assertTrue(torch.allclose(ours[0], theirs, atol=1e-4))

    def test_sampling_with_cache_and_padding_is_sampling_without(self):
        prompts = [list(range(20, 20 + size)) for size in (3, 9, 5)]
        together = generate(self.model, prompts, 8, temperature=0)
        for prompt, written in zip(prompts, together):
            ids = list(prompt)
            for token in written:
                self.assertEqual(int(self.model(torch.tensor([ids]))[0, -1].argmax()), token)
                ids.append(token)

    def test_sampling_stops_and_is_seeded(self):
        draw = lambda seed: generate(self.model, [[20, 21]] * 4, 10, temperature=1.0, seed=seed)
        self.assertEqual(draw(1), draw(1))
        self.assertNotEqual(draw(1), draw(2))
        stop = draw(1)[0][3]
        stopped = generate(self.model, [[20, 21]] * 4, 10, temperature=1.0, seed=1, stop=stop)
        self.assertTrue(all(stop not in row for row in stopped))
