"""Feature data of a toy model: `training/cpu.sh -m unittest features.test_features -v`."""

import unittest
from unittest import mock

import numpy as np

from dictionaries.make import SITES
from dictionaries.toy import made
from features import firings, written
from features.describe import describe, known
from features.firings import MODEL
from files.tensors import read_file
from model.transformer import open_model
from reference.sae import Sae


class Features(unittest.TestCase):
    def test_text_is_written_and_features_are_described(self):
        run, folder = made()
        with mock.patch.multiple(written, ROWS=24, LENGTH=50), mock.patch.object(firings, 'WINDOW', 48):
            written.write(folder, run, 4000)
            describe(folder, run)
        for layer in SITES:
            self.feature_data(run, open_model(folder), folder / f'sae/blocks.{layer}.hook_resid_post')

    def feature_data(self, run, model, folder):
        sae = Sae(folder)
        data = {name: tensor.numpy() for name, tensor in read_file(folder / 'features.safetensors').items()}
        begin, first = data['snippet.begin'], data['snippet.first']
        self.assertEqual((begin[-1], first[-1], first[0]), (len(data['snippet.tokens']), len(begin) - 1, 0))
        corpora = known(run)
        for snippet in range(len(begin) - 1):
            tokens = data['snippet.tokens'][begin[snippet] : begin[snippet + 1]]
            self.assertLessEqual(len(tokens), 24)
            self.assertGreater(data['snippet.values'][begin[snippet] + data['snippet.peak'][snippet]], 0)
            if data['snippet.source'][snippet] == MODEL:
                self.assertFalse(corpora.repeats(tokens.astype(np.uint16)).any())
        rows = model.model.embed_tokens.weight @ (model.model.norm.weight * sae.decoder).T
        for feature in range(sae.width):
            ids, logits = data['promoted.ids'][feature], data['promoted.logits'][feature]
            self.assertTrue(np.allclose(rows[ids, feature].numpy(), logits, atol=1e-4))
            self.assertEqual(data['histogram'][feature].sum() == 0, data['maximum'][feature] == 0)
            if data['label.begin'][feature + 1] > data['label.begin'][feature]:
                self.assertGreaterEqual(data['label.precision'][feature], 0.5)
        cosine = sae.decoder / sae.decoder.norm(dim=1, keepdim=True)
        cosine = (cosine @ cosine.T).fill_diagonal_(-1)
        self.assertTrue(np.allclose(cosine.max(1).values.numpy(), data['similar.cosine'][:, 0], atol=1e-3))
