"""Feature data of a toy: `training/cpu.sh -m unittest real.test_features -v`."""

import json
import pathlib
import tempfile
import unittest
from unittest import mock

import numpy as np
import torch

from features import labels
from features.labels import Vocabulary
from features.repeats import Known
from files.tensors import read_file, write_file
from real import texts, toy
from real.features import AMOUNT, describe
from real.saes import Dictionary, slots
from real.stored import Stored

FIXTURES = pathlib.Path(__file__).parents[2] / 'fixtures/dictionaries'

CASES = ('topk', 'topk-plain', 'topk-subtracts', 'topk-dead-row', 'batchtopk', 'jumprelu', 'jumprelu-below-zero')
NEAR = dict(rtol=1e-4, atol=1e-3)


class Dictionaries(unittest.TestCase):
    def test_they_compute_what_saelens_does(self):
        h = read_file(FIXTURES / 'residuals.safetensors')['residuals']
        folder = FIXTURES / 'sae-lens-6.54.12'
        for case in CASES:
            expected, one = read_file(folder / f'{case}.expected.safetensors'), Dictionary(folder / case)
            values, ids = one.codes(h)
            dense = torch.zeros(len(h), one.width).scatter_(1, ids, values)
            self.assertTrue(torch.allclose(dense, expected['codes'], **NEAR), case)
            if 'decoded' in expected:
                self.assertTrue(torch.allclose(one.decode(values, ids), expected['decoded'], **NEAR), case)

    def test_one_with_thresholds_has_as_much_room_as_in_the_engine(self):
        self.assertEqual([slots(4608, 32.4), slots(4608, 70), slots(4608, None), slots(40, 32)], [256, 512, 512, 40])


class Kept(unittest.TestCase):
    def test_residuals_are_found_by_their_windows(self):
        with tempfile.TemporaryDirectory() as folder:
            folder, rng = pathlib.Path(folder), np.random.default_rng(3)
            embedding = torch.randn(9, 4)
            write_file(
                folder / 'model.safetensors',
                {'model.embed_tokens.weight': embedding, 'model.norm.weight': torch.ones(4)},
            )
            ids = rng.integers(0, 9, (5, 7))
            for number, part in enumerate((ids[:3], ids[3:])):
                h = embedding[torch.from_numpy(part)].half().numpy()
                np.savez(folder / f'written-{number:03}.npz', ids=part.astype(np.uint16), **{'10': h, '19': 2 * h})
            stored, asked = Stored(folder, (folder,)), torch.from_numpy(ids[[4, 0, 3]])
            found = stored.residuals(asked, (10, 19))
            self.assertTrue(torch.equal(found[10], embedding[asked].half().float()))
            self.assertTrue(torch.equal(found[19], 2 * found[10]))
            self.assertTrue(torch.equal(stored.unembedding, embedding))
            with self.assertRaises(KeyError):
                stored.residuals(asked.flip(1), (10,))


class Features(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.run_folder = pathlib.Path(folder.name)
        cls.stub, cls.ids = toy.made(cls.run_folder)
        cls.vocabulary = Vocabulary(cls.run_folder / 'model', end=None)
        cls.files = cls.described()

    @classmethod
    def described(cls):
        shipped = cls.run_folder / 'shipped'
        describe(cls.run_folder, shipped, cls.stub, cls.vocabulary)
        return [shipped / 'sae' / toy.NAME.format(layer) / 'features.safetensors' for layer in toy.SITES]

    def test_what_was_planted_is_what_the_labels_say(self):
        for file in self.files:
            data = read_file(file)
            begin, text = data['label.begin'], bytes(data['label.text'].tolist())
            said = [text[begin[feature] : begin[feature + 1]].decode() for feature in range(2)]
            self.assertEqual(said, ['“cat”', '“ship”'])
            self.assertGreater(data['label.precision'][0], 0.95)
            self.assertGreater(data['label.recall'][0], 0.95)

    def test_a_large_vocabulary_is_counted_in_blocks_to_the_same_end(self):
        before = [file.read_bytes() for file in self.files]
        with mock.patch.object(labels, 'CELLS', 3 * len(self.vocabulary.words)):
            self.assertEqual([file.read_bytes() for file in self.described()], before)

    def test_snippets_are_of_one_window_that_the_model_wrote_and_repeat_no_public_text(self):
        own = np.load(self.run_folder / 'written' / '000.npy')
        known = Known(ids for split in texts.WINDOWS for ids in texts.load(self.run_folder, split)[0])
        self.assertTrue(known.repeats(own[0]).any())
        for file in self.files:
            data = {name: tensor.numpy() for name, tensor in read_file(file).items()}
            begin = data['snippet.begin']
            self.assertGreater(len(begin), toy.WIDTH)
            for first, last in zip(begin, begin[1:]):
                tokens = data['snippet.tokens'][first:last].astype(np.uint16)
                self.assertLessEqual(len(tokens), AMOUNT.before + AMOUNT.after + 1)
                self.assertIn(tokens.tobytes(), b'|'.join(row.tobytes() for row in own))
                self.assertFalse(known.repeats(tokens).any())
            self.assertLess(data['promoted.ids'].max(), self.vocabulary.size)

    def test_sinks_count_nowhere(self):
        for file in self.files:
            data = read_file(file)
            stops = data['snippet.tokens'] == self.ids['.']
            self.assertTrue(stops.any())
            self.assertEqual(int(data['snippet.values'][stops].sum()), 0)
            full = toy.WINDOW - toy.WINDOW // 6
            self.assertEqual(tokens_of(file)['held_out'], 24 * (full - 1) + 12 * (full - toy.GIVEN))
            # One token in six is a sink, and so is every window's first.
            self.assertEqual(tokens_of(file)['written'], 12 * (toy.WINDOW - 1 - toy.WINDOW // 6))


def tokens_of(file):
    data = file.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], 'little')])
    return json.loads(header['__metadata__']['tokens'])
