"""Figures, bars and the card of a toy: `training/cpu.sh -m unittest real.test_ship -v`."""

import json
import pathlib
import shutil
import tempfile
import unittest
from unittest import mock

import numpy as np
import torch

from features.labels import Vocabulary
from files.tensors import header
from files.whole import sha256, write_json
from real import figures, held_out, ship, toy
from real.card import missed, render
from real.features import describe

SHIPPED = pathlib.Path(__file__).parents[2] / 'public/models/smollm2-135m-instruct'


class Network:
    """Loses 2 nats a token, and the more the further a residual is from the stub's own."""

    def __init__(self, stub):
        self.stub = stub

    def cross_entropy(self, ids, h=None, first=0):
        truth = self.stub.residuals(ids, [0])[0]
        away = torch.zeros(ids.shape) if h is None else (h - truth).square().mean(-1)
        return 2 + away[:, 1:-1]


class Ship(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.run_folder, cls.out = run, out = pathlib.Path(folder.name) / 'run', pathlib.Path(folder.name) / 'out'
        run.mkdir()
        cls.stub, _ = toy.made(run)
        # What a training leaves: dictionaries under sae/, and a control for each.
        shutil.move(run / 'shipped' / 'sae', run / 'sae')
        for layer in toy.SITES:
            trained, frozen = run / 'sae' / toy.NAME.format(layer), run / 'sae' / f'frozen.{layer}'
            (trained / 'training.json').write_text(json.dumps(dict(tokens=9, passes=2, steps=3)))
            shutil.copytree(trained, frozen)
        write_json(
            run / 'model' / 'source.json',
            dict(file='a.gguf', sha256='ab', weights_sha256=sha256(run / 'model' / 'model.safetensors')),
        )
        with mock.patch.object(figures, 'SITES', toy.SITES):
            cls.figures = figures.figures(run, cls.stub, Network(cls.stub))
        describe(run, run / 'shipped', cls.stub, Vocabulary(run / 'model', end=None))

    def test_what_is_measured_is_what_is_shipped(self):
        for hook, site in self.figures['sites'].items():
            weights = self.run_folder / 'shipped' / 'sae' / hook / 'sae_weights.safetensors'
            self.assertEqual(site['weights_sha256'], sha256(weights))
            self.assertEqual(
                [header(weights)[name]['dtype'] for name in ('W_enc', 'W_dec', 'b_dec')], ['F16', 'F16', 'F32']
            )
            self.assertAlmostEqual(site['trained']['fvu'], site['float32']['fvu'], places=3)
            # The toy's loss is the squared error, so that against the mean it recovers what it explains.
            self.assertAlmostEqual(site['trained']['recovered_mean'], 1 - site['trained']['fvu'], delta=0.03)
            self.assertGreater(site['trained']['recovered_zero'], site['trained']['recovered_mean'])
            self.assertEqual(site['trained']['cross_entropy']['clean'], 2)

    def test_sinks_are_left_as_they_are(self):
        # A sink that was replaced would lose thousands of nats.
        for site in self.figures['sites'].values():
            self.assertLess(site['trained']['cross_entropy']['zero'], 10)
            self.assertEqual(site['sinks'], len(held_out.load(self.run_folder, 'test')[0]) * (toy.WINDOW // 6))

    def test_what_the_model_was_given_counts_nowhere(self):
        full = toy.WINDOW - toy.WINDOW // 6
        for site in self.figures['sites'].values():
            self.assertEqual(site['trained']['tokens'], 24 * (full - 1) + 12 * (full - toy.GIVEN))

    def test_a_threshold_has_its_room_from_the_average_number_of_latents(self):
        cfg = self.run_folder / 'shipped' / 'sae' / toy.NAME.format(toy.SITES[1]) / 'cfg.json'
        l0 = json.loads(cfg.read_text())['metadata']['l0']
        self.assertEqual(l0, self.figures['sites'][toy.NAME.format(toy.SITES[1])]['float32']['active'])

    def test_domains_weigh_their_shares(self):
        weights = figures.weights_of(np.array([0, 0, 1, 3]))
        shares = np.array([0.36, 0.36, 0.28, 0.2]) / 0.84
        self.assertTrue(np.allclose(weights, shares / [2, 2, 1, 1]))
        self.assertEqual(len(figures.spread(np.array([0] * 50 + [1] * 50 + [2] * 50 + [3] * 50), 40)), 39)

    def test_a_missed_bar_is_not_shipped_and_met_ones_are(self):
        with self.assertRaises(SystemExit) as caught:
            ship.ship(self.run_folder, self.out)
        self.assertIn('recovered', str(caught.exception))
        self.assertFalse(self.out.exists())
        path = self.run_folder / 'figures' / 'dictionaries.json'
        self.addCleanup(path.write_text, path.read_text())
        better = json.loads(path.read_text())
        for site in better['sites'].values():
            for arm in ('trained', 'float32'):
                site[arm].update(recovered_zero=0.97, recovered_mean=0.9, dead=0.01)
        write_json(path, better)
        ship.ship(self.run_folder, self.out)
        card = json.loads((self.out / 'card.json').read_text())
        self.assertEqual((missed(card), (self.out / 'README.md').read_text()), ([], render(card)))
        self.assertEqual(json.loads((self.out / 'sae/index.json').read_text()), list(self.figures['sites']))
        for site in better['sites'].values():
            site['weights_sha256'] = 'of others'
        write_json(path, better)
        with self.assertRaises(SystemExit) as caught:
            ship.ship(self.run_folder, self.out)
        self.assertIn('other weights', str(caught.exception))

    def test_feature_data_of_other_weights_are_not_shipped(self):
        card = ship.gather(self.run_folder)
        for site in card['sites'].values():
            site['features']['weights_sha256'] = 'of others'
        with self.assertRaises(SystemExit) as caught:
            ship.refuse(card)
        self.assertIn('feature data are of other weights', str(caught.exception))


@unittest.skipUnless(SHIPPED.exists(), 'no dictionaries of a real model are shipped')
class Shipped(unittest.TestCase):
    def test_the_card_is_of_the_files_beside_it(self):
        card = json.loads((SHIPPED / 'card.json').read_text())
        self.assertEqual((SHIPPED / 'README.md').read_text(), render(card))
        ship.refuse(card)
        for hook, site in card['sites'].items():
            for name, digest in site['sha256'].items():
                self.assertEqual(sha256(SHIPPED / 'sae' / hook / name), digest)
            self.assertEqual(ship.feature_figures(SHIPPED / 'sae' / hook / 'features.safetensors'), site['features'])
