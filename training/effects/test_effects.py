"""Many edits in one batch against the plain reference, on a toy model: `training/cpu.sh -m unittest
effects.test_effects -v`."""

import math
import pathlib
import types
import unittest

import torch

from effects.__main__ import others
from effects.arms import Arm, Arms, Unedited, cross_entropy, next_token, padded, write
from effects.corpus import han_share, verse
from effects.page import strongest_other
from effects.rates import over_draws, separates
from effects.search import smallest
from files.tokens import byte_alphabet
from model.evaluate import wilson
from model.transformer import open_model
from reference.qwen3 import Qwen3
from reference.reading import Reading
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
            ('add', -3.0, 'active'),
            ('ablate', 1, 'active'),
            ('ablate', 2, 'preactivation'),
            ('clamp', -2.0, 'active'),
            ('clamp', 0, 'everywhere'),
            ('clamp', 1.5, 'everywhere'),
            ('clamp', 1.5, 'preactivation'),
            ('scale', 1, 'active'),
        )
        cls.edits = [
            dict(layer=layer, feature=active[layer], mode=mode, strength=strength, on=on)
            for layer in cls.saes
            for mode, strength, on in kinds
        ]
        # Several at a time: at one site, at two, and the same mode twice.
        cls.groups = [cls.edits[:3], [cls.edits[1], cls.edits[-1]], [cls.edits[1], {**cls.edits[1], 'feature': 3}]]

    def reference(self, edits, ids):
        return self.plain.forward(ids, Steering(edits, self.saes, Reading(ids)) if edits else None)[1]

    def test_every_arm_is_edited_as_the_reference_edits_it_alone(self):
        arms = [Arm(), *(Arm([edit]) for edit in self.edits), *map(Arm, self.groups)]
        ids, padding = padded(PROMPTS)
        h = self.model.blocks(
            self.model.model.embed_tokens(ids.repeat(len(arms), 1)),
            padding=padding.repeat(len(arms)),
            site=Arms(self.saes, arms, len(PROMPTS)),
        )
        logits = self.model.logits(h[:, -1]).view(len(arms), len(PROMPTS), -1)
        for arm, rows in zip(arms, logits):
            for prompt, row in zip(PROMPTS, rows):
                torch.testing.assert_close(row, self.reference(arm.edits, prompt)[-1], rtol=1e-3, atol=1e-4)
        self.assertGreater(min(float((rows[0] - logits[0][0]).abs().max()) for rows in logits[1:]), 1e-3)

    def test_a_control_moves_as_far_as_its_edits_would_there(self):
        h = 3 * torch.randn(1, 9, self.plain.d, generator=torch.Generator().manual_seed(3))
        u = torch.randn(self.plain.d, generator=torch.Generator().manual_seed(4))
        u /= u.norm()
        for edits in [[edit] for edit in self.edits] + self.groups:
            along = {edit['layer']: u for edit in edits}
            for layer in along:
                rows = h.repeat(2, 1, 1)
                own, control = Arms(self.saes, [Arm(edits), Arm(edits, along=along)], 1)(layer, rows) - h
                torch.testing.assert_close(own.norm(dim=-1), control.norm(dim=-1), rtol=1e-3, atol=1e-4)
                self.assertGreater(float((control @ u).abs().max()), 0.9 * float(control.norm(dim=-1).max()))

    def test_in_place_of_a_decoder_row_each_edit_moves_with_its_own_size_and_sign(self):
        h = 3 * torch.randn(1, 9, self.plain.d, generator=torch.Generator().manual_seed(3))
        edits = self.edits[:2]
        sae = self.saes[edits[0]['layer']]
        rows = [sae.decoder[1], sae.decoder[2]]
        for edit, row in zip(edits, rows):
            own = Arms(self.saes, [Arm([edit])], 1)(edit['layer'], h) - h
            placed = Arms(self.saes, [Arm([edit], directions=[row])], 1)(edit['layer'], h) - h
            torch.testing.assert_close(own @ sae.decoder[edit['feature']], placed @ row, rtol=1e-3, atol=1e-3)
        both = Arms(self.saes, [Arm(edits, directions=rows)], 1)(edits[0]['layer'], h) - h
        each = [Arms(self.saes, [Arm([e], directions=[r])], 1)(e['layer'], h) - h for e, r in zip(edits, rows)]
        torch.testing.assert_close(both, sum(each), rtol=1e-3, atol=1e-3)

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
                torch.testing.assert_close(row, self.reference([edit], prompt)[-1].log_softmax(-1), rtol=0.05, atol=0.05)

    def test_cross_entropy_is_of_the_edited_model(self):
        ids = torch.tensor(PROMPTS[:1])
        logs = self.reference([self.edits[0]], PROMPTS[0][:-1]).log_softmax(-1)
        self.assertAlmostEqual(
            cross_entropy(self.model, self.saes, Arm([self.edits[0]]), ids),
            -float(logs.gather(1, ids.T[1:]).mean()),
            delta=0.03,
        )

    def test_arms_that_draw_alone_draw_with_the_same_noise(self):
        arms = [Arm(), Arm([self.edits[0]]), Arm()]
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


class Controls(unittest.TestCase):
    EDITS = [dict(layer=0, feature=1), dict(layer=0, feature=2), dict(layer=2, feature=1)]

    def test_random_groups_have_the_edits_sites_and_none_of_their_features(self):
        groups = others(self.EDITS, {0: [1, 2, 3, 4], 2: [1, 5, 6]}, 'seed')
        self.assertEqual(len(groups), 20)
        for group in groups:
            self.assertEqual([one['layer'] for one in group], [0, 0, 2])
            self.assertEqual({one['feature'] for one in group[:2]}, {3, 4})
            self.assertIn(group[2]['feature'], (5, 6))
        self.assertEqual(groups, others(self.EDITS, {0: [1, 2, 3, 4], 2: [1, 5, 6]}, 'seed'))

    def test_the_strongest_other_is_told_by_its_features(self):
        result = {
            'rates': {'randomFeatures': {}, 'ablatedFeatures': {}},
            'controlFeatures': {'ablatedFeatures': ['a', 'b', 'c'], 'randomFeatures': ['d', 'e', 'f']},
            'arms': {
                'ablatedFeatures': [{'rate': 0.1}, {'rate': 0.3}, {'rate': 0.2}],
                'randomFeatures': [{'rate': 0.9}, {'rate': 0}, {'rate': 0}],
            },
        }
        self.assertEqual(strongest_other(result), {'features': 'b', 'rate': 0.3, 'of': 3})
        del result['rates']['ablatedFeatures']
        self.assertEqual(strongest_other(result), {'features': 'd', 'rate': 0.9, 'of': 3})


class Choice(unittest.TestCase):
    def test_the_smallest_group_within_one_standard_error_of_the_best_is_chosen(self):
        rounds = [{'rate': rate, 'score': score} for rate, score in ((0.5, 0.5), (0.8, 0.72), (0.9, 0.75), (0.9, 0.7))]
        self.assertIs(smallest(rounds, 50), rounds[1])  # .75 less .042
        self.assertIs(smallest(rounds, 5000), rounds[2])
