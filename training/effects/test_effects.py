"""Many edits in one batch against the plain reference, on a toy model: `training/cpu.sh -m unittest
effects.test_effects -v`."""

import math
import pathlib
import types
import unittest

import torch

from effects.arms import Arm, Arms, Unedited, cross_entropy, next_token, padded, write
from effects.corpus import han_share, verse
from effects.rates import over_draws, separates
from files.tokens import byte_alphabet
from model.evaluate import wilson
from model.transformer import open_model
from reference.qwen3 import Qwen3
from reference.sae import Sae
from reference.steering import Steering

FOLDER = pathlib.Path(__file__).parents[2] / 'src/lens/testing/fixtures/tiny-tied-f32'
PROMPTS = [[5, 9, 77, 3, 120, 14, 60], [41, 8, 19]]


def toy_sae(layer, d, width=64, k=6):
    """A random dictionary; reference/steering.py computes with `Sae`'s own methods."""
    generator = torch.Generator().manual_seed(layer)
    decoder = torch.randn(width, d, generator=generator)
    decoder /= decoder.norm(dim=1, keepdim=True)
    sae = types.SimpleNamespace(
        layer=layer,
        k=k,
        width=width,
        encoder=decoder.T.contiguous(),
        decoder=decoder,
        encoder_bias=0.01 * torch.randn(width, generator=generator),
        decoder_bias=torch.zeros(d),
    )
    for name in ('preactivations', 'codes', 'dense'):
        setattr(sae, name, types.MethodType(getattr(Sae, name), sae))
    return sae


class Batches(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model, cls.plain = open_model(FOLDER), Qwen3(FOLDER)
        cls.saes = {layer: toy_sae(layer, cls.plain.d) for layer in range(cls.plain.layers)}
        residuals, _ = cls.plain.forward(PROMPTS[0])
        # The strongest at the end.
        active = {layer: int(sae.codes(residuals[layer])[0][-1, 0]) for layer, sae in cls.saes.items()}
        kinds = (
            ('add', -3.0, 'code'),
            ('ablate', 1, 'code'),
            ('ablate', 2, 'preactivation'),
            ('clamp', -2.0, 'code'),
            ('clamp', 1.5, 'preactivation'),
            ('scale', 1, 'code'),
        )
        cls.edits = [
            dict(layer=layer, feature=active[layer], mode=mode, strength=strength, on=on)
            for layer in cls.saes
            for mode, strength, on in kinds
        ]

    def reference(self, edit, ids):
        return self.plain.forward(ids, Steering([edit], self.saes, len(ids)) if edit else None)[1]

    def test_every_row_is_edited_as_the_reference_edits_it_alone(self):
        arms = [Arm(), *map(Arm, self.edits)]
        ids, padding = padded(PROMPTS)
        h = self.model.blocks(
            self.model.model.embed_tokens(ids.repeat(len(arms), 1)),
            padding=padding.repeat(len(arms)),
            site=Arms(self.saes, arms, len(PROMPTS)),
        )
        logits = self.model.logits(h[:, -1]).view(len(arms), len(PROMPTS), -1)
        for arm, rows in zip(arms, logits):
            for prompt, row in zip(PROMPTS, rows):
                torch.testing.assert_close(row, self.reference(arm.edit, prompt)[-1], rtol=1e-3, atol=1e-4)
        self.assertGreater(min(float((rows[0] - logits[0][0]).abs().max()) for rows in logits[1:]), 1e-3)

    def test_a_control_moves_as_far_as_its_edit_would_there(self):
        h = 3 * torch.randn(1, 9, self.plain.d, generator=torch.Generator().manual_seed(3))
        u = torch.randn(self.plain.d)
        for edit in self.edits:
            both = Arms(self.saes, [Arm(edit), Arm(edit, u / u.norm())], 1)(edit['layer'], h.repeat(2, 1, 1)) - h
            torch.testing.assert_close(both[0].norm(dim=-1), both[1].norm(dim=-1), rtol=1e-3, atol=1e-4)

    def test_text_is_judged_by_the_unedited_model(self):
        rows = [[7, 33, 2], [90]]
        surprisals = [
            -float(self.reference(None, prompt + row)[len(prompt) - 1 + i].log_softmax(-1)[token])
            for prompt, row in zip(PROMPTS, rows)
            for i, token in enumerate(row)
        ]
        self.assertAlmostEqual(
            math.log(Unedited(self.model, PROMPTS).perplexity(rows)), sum(surprisals) / len(surprisals), delta=0.1
        )
        self.assertIsNone(Unedited(self.model, PROMPTS).perplexity([[], []]))

    def test_the_next_token_is_seen_from_the_site_upwards(self):
        for edit in self.edits:
            found = next(next_token(self.model, self.saes, PROMPTS, [edit], 1))[0]
            for prompt, row in zip(PROMPTS, found):
                torch.testing.assert_close(row, self.reference(edit, prompt)[-1].log_softmax(-1), rtol=0.05, atol=0.05)

    def test_cross_entropy_is_of_the_edited_model(self):
        ids = torch.tensor(PROMPTS[:1])
        logs = self.reference(self.edits[0], PROMPTS[0][:-1]).log_softmax(-1)
        self.assertAlmostEqual(
            cross_entropy(self.model, self.saes, Arm(self.edits[0]), ids),
            -float(logs.gather(1, ids.T[1:]).mean()),
            delta=0.03,
        )

    def test_arms_that_draw_alone_draw_with_the_same_noise(self):
        arms = [Arm(), Arm(self.edits[0]), Arm()]
        first, edited, again = write(self.model, self.saes, arms, PROMPTS, 12, 0.9, 5, None, 1)
        self.assertEqual(first, again)
        self.assertNotEqual(first, edited)


class Detectors(unittest.TestCase):
    def test_verse_is_three_whole_clauses_of_one_length_that_differ(self):
        lines = '水满城南路，舟行雨后天，人来花下坐，'
        self.assertTrue(verse('吧，' + lines))
        self.assertTrue(verse('\n' + lines.replace('，', '。\n')))
        for text in (lines[:-1], 3 * lines[:6], lines.replace('花下', '花树下'), lines.replace('舟', 'a')):
            self.assertFalse(verse('吧，' + text), text)
        self.assertFalse(verse(lines))

    def test_share_of_han(self):
        self.assertEqual(han_share('水 ab 2'), 1 / 3)
        self.assertIsNone(han_share('12 + 3'))

    def test_the_alphabet_names_every_byte(self):
        alphabet = byte_alphabet()
        self.assertEqual(sorted(alphabet.values()), list(range(256)))
        self.assertEqual((alphabet['Ġ'], alphabet['Ċ'], alphabet['a']), (32, 10, 97))


class Rates(unittest.TestCase):
    def test_draws_are_not_counted_as_independent_tries(self):
        one_in_twenty = over_draws([[1] * 100] + [[0] * 100] * 19, 1)
        self.assertEqual((one_in_twenty['rate'], one_in_twenty['n'], one_in_twenty['best']), (0.05, 2000, 1))
        self.assertGreater(one_in_twenty['high'], 0.1)  # Wilson of 2,000 tries would say .06
        self.assertGreater(over_draws([[0] * 100] * 20, 1)['high'], 0)

    def test_separation_is_of_intervals(self):
        self.assertTrue(separates(wilson(60, 100), [wilson(10, 100), wilson(40, 100)]))
        self.assertFalse(separates(wilson(60, 100), [wilson(10, 100), wilson(55, 100)]))
