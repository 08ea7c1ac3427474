"""Dictionaries of a toy model: `training/cpu.sh -m unittest dictionaries.test_dictionaries -v`."""

import json
import unittest
from unittest import mock

import torch

from data.batches import Texts
from dictionaries import make
from dictionaries.residuals import HeldOut
from dictionaries.toy import BUDGET, LENGTH, WIDTH, made, make_again, results
from model.transformer import open_model
from reference.sae import Sae


class Dictionaries(unittest.TestCase):
    def test_what_is_listed_is_not_trained_again(self):
        run, folder = made()
        with mock.patch.object(make, 'Material', side_effect=AssertionError('trained again')):
            make_again(run, folder)

    def test_what_is_stored_is_what_was_measured(self):
        run, folder = made()
        held = HeldOut(open_model(folder), Texts(run, 'test'), make.SITES, BUDGET['held_out'], LENGTH)
        for name, entry in results(run, 'test').entries.items():
            sae = Sae(folder / 'sae' / name)
            config = json.loads((folder / 'sae' / name / 'cfg.json').read_text())
            # What SAELens must be told: it would compute in float16, put a token first, and forget the model.
            told = config['dtype'], config['metadata']['prepend_bos'], config['metadata']['sae_lens_version']
            self.assertEqual(told, ('float32', False, '6.0.0'))
            self.assertTrue(torch.allclose(sae.decoder.norm(dim=1), torch.ones(WIDTH), atol=2e-3))
            self.assertLess(entry['trained']['fvu'], entry['random']['fvu'])
            h = held.residuals[entry['layer']][:, 1:]
            guess = (sae.dense(h.flatten(0, 1)) @ sae.decoder + sae.decoder_bias).view(h.shape)
            error, spread = ((h - other).pow(2).sum((1, 2)).double() for other in (guess, sae.center))
            fvu = float(held.weights @ error / (held.weights @ spread))
            self.assertAlmostEqual(fvu, entry['trained']['fvu'], places=3)
