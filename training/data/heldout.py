"""What the model must never be shown, decided by hashing alone, so that every script agrees without a list.

- Documents: 2 of 100 are `test` (every figure of the model card), 1 is `dev` (choices: width, k, features, strengths).
- Products: a pair of factors of which one has two digits or more is held out as a pair, in both orders and every
  notation, one pair in eight. Round tens are never held out: written-out products go through them. Of products of two
  digits 1 to 9 every pair is trained, but 16 of the 72 pairs of different digits in one order only, so that the other
  order is something the model was not shown.
"""

import hashlib
import re


def draw(text, sides):
    """A number in 0..sides-1 that depends on `text` alone."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), 'big') % sides


def split_of(document):
    roll = draw(document, 100)
    return 'test' if roll < 2 else 'dev' if roll == 2 else 'train'


def _orders():
    pairs = sorted(
        ((a, b) for a in range(2, 10) for b in range(a + 1, 10)), key=lambda pair: draw(f'order {pair}', 1 << 60)
    )
    return {pair if draw(f'side {pair}', 2) else pair[::-1] for pair in pairs[:16]}


HELD_OUT_ORDERS = frozenset(_orders())


def held_out(a, b):
    """Whether the product a × b, in this order, is kept from the model."""
    if a < 10 and b < 10:
        return (a, b) in HELD_OUT_ORDERS
    if a % 10 == 0 or b % 10 == 0:
        return False
    return draw(f'{min(a, b)} × {max(a, b)}', 8) == 0


def two_by_one():
    """The held-out pairs of two digits by one, in both orders."""
    return [pair for a in range(10, 100) for b in range(2, 10) if held_out(a, b) for pair in ((a, b), (b, a))]


PRODUCT = re.compile(r'(?<![\d.,/])(\d{1,4})( ?[×*xX] ?)(\d{1,4})(?![\d.,]*\d)')


def without_held_out(document):
    """The document with its held-out orders of two digits turned round; None when it shows a held-out pair."""

    def turn(match):
        a, sign, b = int(match[1]), match[2], int(match[3])
        return f'{b}{sign}{a}' if held_out(a, b) else match[0]

    turned = PRODUCT.sub(turn, document)
    return None if any(held_out(int(m[1]), int(m[3])) for m in PRODUCT.finditer(turned)) else turned
