"""Texts, tokenizer and batches on a toy run: `training/cpu.sh -m unittest data.test_data -v`."""

import json
import random
import re
import unittest

import numpy as np

from data import arithmetic, chat, modern
from data.batches import MIX, Texts
from data.heldout import HELD_OUT_ORDERS, PRODUCT, held_out, split_of, two_by_one, without_held_out
from data.prepare import LONG_LINE
from data.toy import VOCABULARY, encoded
from files.tokens import definition, encode


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


class Run(unittest.TestCase):
    def documents(self, split, domain):
        return (encoded() / 'text' / split / f'{domain}.txt').read_text(encoding='utf-8').split('\0')

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
            self.assertEqual(set(Texts(encoded(), split).mix), set(MIX))

    def test_late_windows_begin_where_a_line_begins(self):
        texts = Texts(encoded(), 'train', lines=True)
        ids = texts.ids['arithmetic'].tolist()
        for seed in range(20):
            start = texts.window(np.random.default_rng(seed), 'arithmetic', 12).tolist()
            places = [at for at in range(1, len(ids) - 12) if ids[at : at + 12] == start]
            self.assertTrue(any(texts.ends[ids[at - 1]] for at in places))

    def test_digits_are_single_tokens_and_markers_are_one(self):
        ids = encode(encoded() / 'tokenizer', ['7 × 88', '<|vector_start|><|vector|><|vector_end|>', '<|reserved_15|>'])
        self.assertEqual([len(row) for row in ids][1:], [3, 1])
        tokens = definition(encoded() / 'tokenizer')
        self.assertGreaterEqual(len(tokens['added_tokens']), 16)
        self.assertEqual(max(entry['id'] for entry in tokens['added_tokens']), VOCABULARY - 1)
        self.assertFalse(
            [piece for piece in tokens['model']['vocab'] if sum(character in '0123456789' for character in piece) > 1]
        )

    def test_chat_template_is_the_one_that_was_trained(self):
        config = (encoded() / 'tokenizer/tokenizer_config.json').read_text(encoding='utf-8')
        template = json.loads(config)['chat_template']
        for part in ('<|im_start|>', '<|im_end|>\\n', '<|im_start|>assistant\\n'):
            self.assertIn(part, template)
        self.assertEqual(
            chat.TEMPLATE.format('Q', 'A'), '<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n'
        )

    def test_modern_sentences_have_no_open_slots(self):
        rng = random.Random(5)
        self.assertFalse(
            re.search(r'[{}|]', ''.join(modern.sentence(rng) + ''.join(modern.question(rng)) for _ in range(500)))
        )
