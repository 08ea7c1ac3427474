"""The whole training on a toy configuration, in seconds: `training/cpu.sh -m unittest test_training -v`."""

import json
import lzma
import pathlib
import random
import re
import subprocess
import tempfile
import unittest
from unittest import mock

import numpy as np
import torch
import torch.nn.functional as F

from data import arithmetic, chat, modern
from data.batches import MIX, Texts
from data.heldout import HELD_OUT_ORDERS, PRODUCT, held_out, split_of, without_held_out
from data.prepare import LONG_LINE, prepare
from dictionaries import make
from features import describe, written
from files.tensors import read_file
from files.tokens import encode
from model.evaluate import answer, two_by_one, wilson
from model.export import export
from model.sampler import generate, open_model
from model.train import train
from model.transformer import GatedUnit, Model, Shape, UnembeddingLoss
from reference.qwen3 import Qwen3
from reference.sae import Sae

HERE = pathlib.Path(__file__).parent
TOY = Shape(vocabulary=1600, d=32, layers=4, heads=2, kv_heads=1, head_dim=16, ff=48, context=64)
COUNTS = dict(arithmetic=(60, 12), chat=(60, 12), zh_modern=(60, 12))


def toy_texts(folder):
    """Invented documents under the names of the real domains."""
    rng = random.Random(1)
    kinds = 'old young red blue small large good bad new long short dark light cold warm'.split()
    nouns, verbs = (
        'cat king river ship tree house child dog boat stone'.split(),
        'saw found left kept lost sold took hid'.split(),
    )
    noun = lambda: f'{rng.choice(kinds)} {rng.choice(kinds)} {rng.choice(nouns)}'
    clause = lambda: f'The {noun()} {rng.choice(verbs)} the {noun()}.'
    line = lambda size: ''.join(rng.choice('春风江月山水花夜雨天人来去白云') for _ in range(size))
    english = lambda: ' '.join(clause() for _ in range(rng.randint(4, 9)))
    chinese = lambda: '。'.join(line(rng.randint(4, 9)) for _ in range(rng.randint(3, 6))) + '。'
    poem = lambda: '\n'.join([line(3), line(2)] + [f'{line(5)}，{line(5)}。' for _ in range(3)])
    problem = lambda: (
        f'Question: {clause()} How many?\nAnswer: {rng.randint(2, 9)}*{rng.randint(2, 99)} is many.\nThe answer is {rng.randint(2, 99)}'
    )
    pairs = [f'{clause()}\n{line(5)}。' for _ in range(900)]  # documents share lines, as real ones do
    both = lambda: '\n'.join(rng.choice(pairs) for _ in range(6))
    makers = dict(
        en_simple=english,
        en_books=english,
        zh_poem=poem,
        zh_novel=chinese,
        zh_classical=chinese,
        zh_bible=chinese,
        zh_docs=chinese,
        gsm8k=problem,
        tatoeba=both,
    )
    for domain, make in makers.items():
        with lzma.open(folder / f'{domain}.txt.xz', 'wt', encoding='utf-8') as file:
            file.write('\0'.join(make() for _ in range(600)))


def node(*command):
    subprocess.run(['node', *map(str, command)], check=True, capture_output=True)


class HeldOut(unittest.TestCase):
    def test_generated_text_never_shows_a_held_out_product(self):
        rng = random.Random(2)
        words = re.compile(r'(\d+) times (\d+)|(\d+)乘以(\d+)')
        for _ in range(3000):
            line = arithmetic.product_line(rng)
            found = [(int(a), int(b)) for a, _, b in PRODUCT.findall(line)] + [
                tuple(int(x) for x in match if x) for match in words.findall(line)
            ]
            self.assertTrue(found, line)
            for a, b in found:
                self.assertFalse(held_out(a, b), line)

    def test_the_test_side_shows_held_out_products_alone(self):
        rng = random.Random(3)
        for kind in ('1x1', '2x1', '2x2'):
            self.assertTrue(all(held_out(*arithmetic.product_pair(rng, kind, test=True)) for _ in range(50)))

    def test_pairs_are_held_out_in_both_orders_and_single_digits_in_one(self):
        for a, b in two_by_one():
            self.assertTrue(held_out(a, b) and held_out(b, a))
        self.assertEqual(len(HELD_OUT_ORDERS), 16)
        self.assertFalse(any((b, a) in HELD_OUT_ORDERS for a, b in HELD_OUT_ORDERS))

    def test_found_text_is_turned_or_dropped(self):
        a, b = sorted(HELD_OUT_ORDERS)[0]
        self.assertEqual(without_held_out(f'so {a}*{b}={a * b} boxes'), f'so {b}*{a}={a * b} boxes')
        a, b = two_by_one()[0]
        self.assertIsNone(without_held_out(f'so {a} × {b} is {a * b}'))
        self.assertIsNotNone(without_held_out(f'so 1.{a} × {b} is something else'))

    def test_worked_products_are_right(self):
        rng = random.Random(4)
        for _ in range(500):
            line = arithmetic.worked(*arithmetic.product_pair(rng, rng.choice(('2x1', '3x1', '2x2'))))
            if line is not None:
                self.assertEqual(len({eval(part.replace('×', '*')) for part in line.split('=')}), 1, line)


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


def toy_run(case, vocabulary):
    """A run of a test class, up to the ids: its folder as `work`, the model's as `folder`."""
    case.place = tempfile.TemporaryDirectory()
    case.work, case.folder = pathlib.Path(case.place.name) / 'run', pathlib.Path(case.place.name) / 'model'
    corpus = pathlib.Path(case.place.name) / 'corpus'
    corpus.mkdir()
    toy_texts(corpus)
    prepare(corpus, case.work, COUNTS)
    node(HERE / 'data/tokenizer.mjs', case.work, vocabulary)
    node(HERE / 'data/encode-texts.mjs', case.work)


class Pipeline(unittest.TestCase):
    """Texts, tokenizer, training, export once for all tests of the class."""

    @classmethod
    def setUpClass(cls):
        toy_run(cls, TOY.vocabulary)
        train(cls.work, 80 * 4096, TOY)
        export(cls.work, cls.folder)
        cls.model = open_model(cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def documents(self, split, domain):
        return (self.work / 'text' / split / f'{domain}.txt').read_text(encoding='utf-8').split('\0')

    def test_no_long_line_of_a_held_out_document_is_trained_on(self):
        for domain in ('zh_poem', 'tatoeba', 'en_simple'):
            held = {
                line
                for split in ('dev', 'test')
                for document in self.documents(split, domain)
                for line in document.split('\n')
                if len(line) >= LONG_LINE
            }
            self.assertTrue(held)
            self.assertFalse(
                held & {line for document in self.documents('train', domain) for line in document.split('\n')}
            )
            self.assertTrue(all(split_of(document) == 'test' for document in self.documents('test', domain)))

    def test_every_domain_of_the_mix_is_encoded(self):
        for split in ('train', 'dev', 'test'):
            self.assertEqual(set(Texts(self.work, split).mix), set(MIX))

    def test_late_windows_begin_where_a_line_begins(self):
        texts = Texts(self.work, 'train', lines=True)
        ids = texts.ids['arithmetic'].tolist()
        for seed in range(20):
            start = texts.window(np.random.default_rng(seed), 'arithmetic', 12).tolist()
            places = [at for at in range(1, len(ids) - 12) if ids[at : at + 12] == start]
            self.assertTrue(any(texts.ends[ids[at - 1]] for at in places))

    def test_digits_are_single_tokens_and_markers_are_one(self):
        ids = encode(self.folder, ['7 × 88', '<|vector_start|><|vector|><|vector_end|>', '<|reserved_15|>'])
        self.assertEqual([len(row) for row in ids][1:], [3, 1])
        tokens = json.loads((self.folder / 'tokenizer.json').read_text(encoding='utf-8'))
        self.assertGreaterEqual(len(tokens['added_tokens']), 16)
        self.assertEqual(max(entry['id'] for entry in tokens['added_tokens']), TOY.vocabulary - 1)
        self.assertFalse(
            [piece for piece in tokens['model']['vocab'] if sum(character in '0123456789' for character in piece) > 1]
        )

    def test_chat_template_is_the_one_that_was_trained(self):
        template = json.loads((self.folder / 'tokenizer_config.json').read_text(encoding='utf-8'))['chat_template']
        for part in ('<|im_start|>', '<|im_end|>\\n', '<|im_start|>assistant\\n'):
            self.assertIn(part, template)
        self.assertEqual(
            chat.TEMPLATE.format('Q', 'A'), '<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n'
        )

    def test_training_learns(self):
        curve = [json.loads(line) for line in (self.work / 'train.jsonl').read_text().splitlines()]
        self.assertLess(curve[-1]['dev']['mix'], 0.9 * np.log(TOY.vocabulary))

    def test_a_cut_run_goes_on_as_if_it_had_not_been_cut(self):
        weights = []
        for cuts in ((6,), (2, 4)):
            with tempfile.TemporaryDirectory() as place:
                run = pathlib.Path(place)
                for name in ('ids', 'tokenizer'):
                    (run / name).symlink_to(self.work / name)
                for steps in cuts:
                    model = train(run, 6 * 4096, TOY, stop_after=steps)
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

    def test_dictionaries_and_feature_data(self):
        """Dictionaries trained, measured and stored; text written; feature data found, all from the files that the
        step before left."""
        small = dict(tokens=6000, steps=60, held_out=2000)
        with mock.patch.multiple(make, WIDTHS=(64,), KS=(4,), TABLE=small, FINAL=small):
            self.dictionaries(small)
        with mock.patch.multiple(written, ROWS=24, LENGTH=50), mock.patch.object(describe, 'WINDOW', 48):
            written.write(self.folder, self.work, 4000)
            describe.describe(self.folder, self.work)
        for layer in make.SITES:
            self.feature_data(self.folder / f'sae/blocks.{layer}.hook_resid_post')

    def dictionaries(self, small):
        results = lambda split: make.Results(self.work / f'{split}.json', split=split, **small)
        out = self.folder / 'sae'
        make.table(self.model, self.work, results('dev'), 32)
        make.final(self.model, self.work, out, results('test'), 32, 64, 4)
        with mock.patch.object(make, 'Material', side_effect=AssertionError('trained again')):
            make.table(self.model, self.work, results('dev'), 32)
            make.final(self.model, self.work, out, results('test'), 32, 64, 4)
        for name, entry in results('test').entries.items():
            sae = Sae(out / name)
            self.assertTrue(torch.allclose(sae.decoder.norm(dim=1), torch.ones(64), atol=2e-3))
            self.assertLess(entry['trained']['fvu'], entry['random']['fvu'])
            held = make.HeldOut(self.model, Texts(self.work, 'test'), make.SITES, small['held_out'], 32)
            h = held.residuals[entry['layer']][:, 1:]
            error = (
                (h - (sae.dense(h.flatten(0, 1)) @ sae.decoder + sae.decoder_bias).view(h.shape))
                .pow(2)
                .sum((1, 2))
                .double()
            )
            spread = (h - sae.center).pow(2).sum((1, 2)).double()
            self.assertAlmostEqual(
                float(held.weights @ error / (held.weights @ spread)), entry['trained']['fvu'], places=3
            )

    def feature_data(self, folder):
        sae, data = (
            Sae(folder),
            {name: tensor.numpy() for name, tensor in read_file(folder / 'features.safetensors').items()},
        )
        begin, first = data['snippet.begin'], data['snippet.first']
        self.assertEqual((begin[-1], first[-1], first[0]), (len(data['snippet.tokens']), len(begin) - 1, 0))
        known = written.TrainingText(self.work)
        for snippet in range(len(begin) - 1):
            tokens = data['snippet.tokens'][begin[snippet] : begin[snippet + 1]]
            self.assertLessEqual(len(tokens), 24)
            self.assertGreater(data['snippet.values'][begin[snippet] + data['snippet.peak'][snippet]], 0)
            if data['snippet.source'][snippet] == describe.MODEL:
                self.assertFalse(known.repeats(tokens.astype(np.uint16)).any())
        rows = self.model.model.embed_tokens.weight @ (self.model.model.norm.weight * sae.decoder).T
        for feature in range(sae.width):
            ids, logits = data['promoted.ids'][feature], data['promoted.logits'][feature]
            self.assertTrue(np.allclose(rows[ids, feature].numpy(), logits, atol=1e-4))
            self.assertEqual(data['histogram'][feature].sum() == 0, data['maximum'][feature] == 0)
            if data['label.begin'][feature + 1] > data['label.begin'][feature]:
                self.assertGreaterEqual(data['label.precision'][feature], 0.5)
        cosine = sae.decoder / sae.decoder.norm(dim=1, keepdim=True)
        cosine = (cosine @ cosine.T).fill_diagonal_(-1)
        self.assertTrue(np.allclose(cosine.max(1).values.numpy(), data['similar.cosine'][:, 0], atol=1e-3))

    def test_modern_sentences_have_no_open_slots(self):
        rng = random.Random(5)
        self.assertFalse(
            re.search(r'[{}|]', ''.join(modern.sentence(rng) + ''.join(modern.question(rng)) for _ in range(500)))
        )


if __name__ == '__main__':
    unittest.main()
