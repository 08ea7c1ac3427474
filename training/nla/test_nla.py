"""The verbalizer's training on a toy: `training/cpu.sh -m unittest nla.test_nla -v`."""

import dataclasses
import json
import math
import pathlib
import random
import shutil
import tempfile
import unittest
from unittest import mock

import numpy as np
import torch
import torch.nn.functional as F

from data.toy import VOCABULARY, encoded, temporary
from files.tensors import read_file
from model.export import export as export_model
from model.transformer import Model, Shape, open_model
from nla import export, figures, positions, reinforce, texts, truth, warm
from nla.claims import arithmetic, claims, language, quote, shown, speaking
from nla.decode import Decoder, answers
from nla.pair import SCALE, Reconstructor, Verbalizer, errors, padded, unit
from nla.wordings import LEVEL, SHOWN, WORDINGS, claims_of, describe

SHAPE = Shape(vocabulary=VOCABULARY, d=32, layers=5, heads=2, kv_heads=1, head_dim=16, ff=48, context=448)
VALUES = {
    'kind': ('a chat of user and assistant',),
    'language': ('Chinese',),
    'verse': ('3',),
    'turn': ('user',),
    'part': ('question',),
    'quote': (' looked, at. the',),
    'operation': ('multiplies', '7', 'by', '24'),
    'operand': ('adds', '7', 'and'),
    'number': ('12',),
    'digit': ('tens', '6'),
    'carry': ('2',),
    'sequence': ('3',),
    'token': (' fi.re',),
    'next': ('，', ' a.', '↵'),
}


class Words(unittest.TestCase):
    def test_every_claim_has_twelve_wordings_three_of_them_never_shown(self):
        self.assertEqual(set(WORDINGS), set(LEVEL))
        for name, wordings in WORDINGS.items():
            self.assertEqual((len(wordings), len(set(wordings)), SHOWN), (12, 12, 9), name)
        drawn = {describe([('kind', ('x',))], random.Random(seed)) for seed in range(300)}
        self.assertEqual(drawn, {wording.format('x') for wording in WORDINGS['kind'][:SHOWN]})

    def test_every_wording_is_read_back(self):
        for name, wordings in WORDINGS.items():
            for wording in wordings:
                found, understood = claims_of(wording.format(*VALUES.get(name, ())))
                self.assertEqual((found, understood), ([(name, VALUES.get(name, ()))], 1), wording)

    def test_what_is_no_wording_is_no_claim(self):
        found, understood = claims_of('This is a classical Chinese poem. Bananas are “ yellow”.\n\nThe carry is 2.')
        self.assertEqual([name for name, _ in found], ['kind', 'carry'])
        self.assertLess(understood, 0.8)

    def test_a_description_keeps_its_three_levels(self):
        told = describe([('kind', ('a story',)), ('quote', (' a b',)), ('token', (' b',))], random.Random(1))
        self.assertEqual(len(told.split('\n\n')), 3)
        blurred = describe([('quote', (' a b',))], random.Random(1), blur=1)
        self.assertIn('“ a b”', blurred)


class Claims(unittest.TestCase):
    def test_sums_digits_and_carries(self):
        cases = {
            ('24 × 7 = 1', '68'): [
                ('operation', ('multiplies', 24, 'by', 7)),
                ('digit', ('tens', '6')),
                ('carry', (2,)),
            ],
            ('24 × 7 =', ' 168\n'): [
                ('operation', ('multiplies', 24, 'by', 7)),
                ('digit', ('hundreds', '1')),
                ('carry', (1,)),
            ],
            ('20加37等于5', '7。'): [('operation', ('adds', 20, 'and', 37)), ('digit', ('ones', '7'))],
            ('58 + 67 = 1', '25'): [('operation', ('adds', 58, 'and', 67)), ('digit', ('tens', '2')), ('carry', (1,))],
            ('24 × 7 = 168', '\n'): [('operation', ('multiplies', 24, 'by', 7)), ('complete', ())],
            ('24 × 7', ' ='): [('operation', ('multiplies', '24', 'by', '7'))],
            ('9 - ', '3'): [('operand', ('reduces', '9', 'by'))],
            ('5, 8, 11', ', 14'): [('sequence', (3,))],
            ('24 × 7 = 20 × 7 + 4 × 7 =', ' 140 + 28'): [],
            ('24 × 7 = 20 × 7', ' + 4 × 7'): [('operation', ('multiplies', '20', 'by', '7'))],
            ('24 × 7 = 2', '0 × 7'): [],
            ('no sum', ''): [],
        }
        for (before, after), found in cases.items():
            self.assertEqual(arithmetic(before, after), found, before)

    def test_a_digit_that_does_not_come_is_not_promised(self):
        self.assertEqual(arithmetic('24 × 7 =', ' 20 × 7'), [])

    def test_language_and_speech(self):
        self.assertEqual(
            [language(text) for text in ('he said, ', '他说：', '24 × 7 = ', '…')],
            ['English', 'Chinese', 'numbers', 'signs'],
        )
        self.assertEqual(
            [speaking(text) for text in ('He said, "No', 'He said, "No."', '他说：“不', '他说：“不。”')],
            [True, False, True, False],
        )

    def test_quotes_begin_with_a_word_and_cannot_end_early(self):
        self.assertEqual(
            {quote([' the', ' fi', 're'], random.Random(seed)) for seed in range(9)} - {' fire', ' the fire'}, set()
        )
        self.assertEqual(shown('<|im_end|>\n“是”'), '[im_end]↵‘是’')

    def test_claims_of_a_position_come_level_by_level(self):
        told = claims(
            'zh_poem',
            'a classical Chinese poem',
            ['床', '前', '明'],
            '静夜思\n李白\n床前明',
            '月光，',
            2,
            ['月', '日', '，'],
            random.Random(1),
        )
        self.assertEqual([name for name, _ in told], ['kind', 'language', 'verse', 'quote', 'token', 'next'])
        self.assertEqual(told[2], ('verse', (3,)))


class Mathematics(unittest.TestCase):
    def test_an_error_is_twice_one_minus_the_cosine(self):
        p, g = torch.tensor([[3.0, 4.0], [0.0, 2.0]]), torch.tensor([[4.0, 3.0], [5.0, 0.0]])
        self.assertTrue(torch.allclose(errors(p, g), torch.tensor([2 * (1 - 0.96), 2.0])))

    def test_variance_by_hand(self):
        # Unit vectors (1, 0) and (0, 1): mu = (.5, .5), each is .5 away, squared and summed.
        self.assertAlmostEqual(reinforce.variance_of(torch.tensor([[7.0, 0.0], [0.0, 2.0]])), 0.5)

    def test_advantages_are_taken_within_groups(self):
        found = reinforce.advantages_of(torch.tensor([[1.0, 3.0], [10.0, 10.0]]))
        self.assertTrue(torch.allclose(found, torch.tensor([-1.0, 1.0, 0.0, 0.0]), atol=1e-3))

    def test_the_policy_gradient_is_the_one_of_its_definition(self):
        torch.manual_seed(0)
        h, weight = torch.randn(9, 8, requires_grad=True), torch.randn(20, 8, requires_grad=True)
        targets, advantage = torch.randint(0, 20, (9,)), torch.randn(9)
        logs = lambda: F.log_softmax(h @ weight.T, -1).gather(1, targets[:, None])[:, 0]
        reference = logs().detach() + 0.3 * torch.randn(9)
        ratio = reference - logs()
        plain = (-advantage * logs() + reinforce.BETA * (ratio.exp() - ratio - 1)).mean()
        value = reinforce.PolicyLoss.apply(h, weight, targets, advantage, reference)
        for mine, theirs in zip(torch.autograd.grad(value, (h, weight)), torch.autograd.grad(plain, (h, weight))):
            self.assertLess(float((mine - theirs).norm() / theirs.norm()), 0.03)

    def test_the_norm_of_what_is_read_is_set(self):
        model = Model(SHAPE)
        half = Verbalizer(model, 2)
        ids, vector = torch.tensor([[5, 6, 7, 8]]), torch.randn(1, SHAPE.d)
        for times in (1, 40):
            h = half.embed(ids, vector * times)
            self.assertAlmostEqual(float(h[0, 2].norm()), SCALE, places=3)
            self.assertTrue(torch.equal(h[0, [0, 1, 3]], model.model.embed_tokens.weight[[5, 6, 8]]))

    def test_a_reconstruction_does_not_depend_on_the_batch(self):
        torch.manual_seed(0)
        half = Reconstructor(Model(SHAPE))
        rows = [list(range(3, 3 + size)) for size in (4, 9, 6)]
        together = half(*padded(rows))
        for row, vector in zip(rows, together):
            self.assertTrue(torch.allclose(half(*padded([row]))[0], vector, atol=1e-5))

    def test_shares_are_clustered_by_window(self):
        found = figures.Means(['a', 'a', 'b', 'b'])([1, 1, 0, 0])
        self.assertEqual((found['mean'], found['low'], found['high'], found['n']), (0.5, 0, 1, 4))


class Truth(unittest.TestCase):
    ROW = dict(
        before='24 × 7 = 1',
        after='68',
        claims=[
            ['kind', ['lines of arithmetic']],
            ['operation', ['multiplies', 24, 'by', 7]],
            ['digit', ['tens', '6']],
            ['token', ['1']],
            ['next', ['6', '5', '7']],
        ],
    )

    def test_claims_are_held_against_the_position(self):
        verdicts, understood = truth.judged(
            self.ROW,
            'This is lines of arithmetic.\n\nIt multiplies 24 by 8. The tens digit comes next, 6.\n\nThe token is “1”. Next may come “6”, “9” or “7”.',
        )
        self.assertEqual(understood, 1)
        self.assertEqual(verdicts, dict(kind=True, operation=True, operands=False, digit=True, token=True, next=2 / 3))

    def test_quotes_are_verbatim_or_predicted_or_neither(self):
        says = lambda text: truth.judged(self.ROW, f'The phrase is “{text}”.')[0]
        self.assertEqual(
            (says('7 = 1'), says('68'), says('69')),
            (
                dict(verbatim=True, predicted=False),
                dict(verbatim=False, predicted=True),
                dict(verbatim=False, predicted=False),
            ),
        )

    def test_a_sum_in_a_story_is_false(self):
        story = dict(self.ROW, claims=self.ROW['claims'][:1])
        self.assertEqual(truth.judged(story, 'The carry is 2.')[0], dict(carry=False))


class Pipeline(unittest.TestCase):
    """Positions, warm start, reinforcement, folders and figures, each from the files that the step before left."""

    @classmethod
    def setUpClass(cls):
        cls.work, cls.folder = temporary(), temporary()
        shutil.copytree(encoded(), cls.work, dirs_exist_ok=True)
        torch.manual_seed(1)
        torch.save(
            dict(model=Model(SHAPE).state_dict(), shape=dataclasses.asdict(SHAPE), step=0, tokens=0, seconds=0),
            cls.work / 'model.pt',
        )
        export_model(cls.work, cls.folder)
        cls.model = open_model(cls.folder)
        with mock.patch.multiple(positions, LONGEST=24, NEAR=120):
            for place, (name, count, split) in enumerate(
                (('train', 400, None), ('dev', 48, None), ('test', 64, None), ('further', 64, 'train'))
            ):
                positions.collect(cls.model, cls.work, name, count, place, split)
        cls.encoder = texts.Encoder(cls.work)

    def test_the_pair_from_warm_start_to_figures(self):
        small = mock.patch.multiple(warm, BATCH=dict(av=8, ar=8), CHUNK=3)
        with small:
            for role in ('av', 'ar'):
                half = warm.train(role, open_model(self.folder), self.work, steps=9)
                cut = self.cut_in_two(role)
                for name, weight in half.state_dict().items():
                    self.assertLess(float((weight - cut[name]).abs().max()), 1e-4, name)
        with mock.patch.multiple(reinforce, PROMPTS=2, GROUP=2, MOST=24, HELD_OUT_EVERY=2):
            reinforce.train(open_model(self.folder), self.work, updates=3, stop_after=2)
            reinforce.train(open_model(self.folder), self.work, updates=3)
            curve = [json.loads(line) for line in (self.work / 'nla/reinforced.jsonl').read_text().splitlines()]
            self.assertEqual([entry['step'] for entry in curve], [0, 1, 2, 3])
            self.assertTrue(all(math.isfinite(entry['reward']) for entry in curve[1:]))
            export.export(self.folder, self.work)
            self.folders()
            self.figures()

    def cut_in_two(self, role):
        with tempfile.TemporaryDirectory() as place:
            run = pathlib.Path(place)
            (run / 'nla').mkdir()
            (run / 'tokenizer').symlink_to(self.work / 'tokenizer')
            for name in ('train', 'dev'):
                for end in ('npy', 'jsonl'):
                    (run / 'nla' / f'{name}.{end}').symlink_to(self.work / 'nla' / f'{name}.{end}')
            warm.train(role, open_model(self.folder), run, steps=9, stop_after=4)
            return warm.train(role, open_model(self.folder), run, steps=9).state_dict()

    def folders(self):
        for role in ('av', 'ar'):
            into = self.folder / 'nla' / role
            meta = (into / 'nla_meta.yaml').read_text(encoding='utf-8')
            self.assertIn(f'role: {role}\n', meta)
            names = {
                token['content']: token['id']
                for token in json.loads((into / 'tokenizer.json').read_text(encoding='utf-8'))['added_tokens']
            }
            self.assertIn(f'injection_token_id: {names["㈎"]}\n', meta)
            self.assertIn(f'injection_left_neighbor_id: {names["<concept>"]}\n', meta)
            self.assertEqual(
                json.loads((into / 'config.json').read_text())['num_hidden_layers'], dict(av=5, ar=4)[role]
            )
        self.assertEqual(self.encoder.prompt[self.encoder.marker], names['㈎'])
        head = read_file(self.folder / 'nla/ar/value_head.safetensors')['weight']
        self.assertEqual(tuple(head.shape), (32, 32))
        stored, state = read_file(self.folder / 'nla/av/model.safetensors'), export.states(self.work, warm=False)['av']
        for name, weight in stored.items():
            self.assertTrue(torch.equal(weight, state[f'inner.{name}'].half().float()), name)
        self.assertNotIn('model.norm.weight', read_file(self.folder / 'nla/ar/model.safetensors'))

    def figures(self):
        pair = figures.halves(self.model, self.encoder, self.work, before=False)
        decoder = Decoder(self.encoder)
        rows, vectors = texts.positions(self.work, 'test')
        mu = unit(vectors).mean(0)
        found, told = figures.measure(pair, self.encoder, decoder, rows, vectors, mu, reinforce.variance_of(vectors))
        self.assertEqual(len(told), len(rows))
        # One vector for all is no better than the mean, whatever it is.
        self.assertLess(found['fve']['constant']['mean'], 1e-6)
        self.assertEqual(found['fve']['own']['n'], len(rows))
        self.assertLessEqual(found['fve']['own']['low'], found['fve']['own']['mean'])
        one = answers(pair['av'], self.encoder, vectors[:3], 12, 0)
        self.assertEqual(
            [answers(pair['av'], self.encoder, vectors[place : place + 1], 12, 0)[0] for place in range(3)], one
        )
        for other, own in zip(figures.other_window([row['window'] for row in rows]), rows):
            self.assertNotEqual(rows[other]['window'], own['window'])

    def test_residuals_and_claims_are_of_the_same_position(self):
        rows, vectors = texts.positions(self.work, 'test')
        for row, vector in list(zip(rows, vectors))[:8]:
            kept = []
            self.model(torch.tensor([row['ids']]), lambda layer, h: kept.append(h) or h)
            self.assertLess(float((kept[positions.SITE][0, -1] - vector).norm() / vector.norm()), 1e-4)
            self.assertEqual(row['position'], len(row['ids']) - 1)

    def test_no_position_is_the_first(self):
        self.assertGreater(min(row['position'] for row in texts.positions(self.work, 'train')[0]), 0)

    def test_the_two_halves_see_different_positions(self):
        self.assertFalse(set(warm.own_half('av', 99)) & set(warm.own_half('ar', 99)))
        self.assertEqual(len(np.concatenate([warm.own_half(role, 99) for role in ('av', 'ar')])), 99)
