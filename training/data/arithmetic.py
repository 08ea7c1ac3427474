"""Generated arithmetic: sums, products written out and not, quotients, sequences, in signs and in words of both
languages."""

from data.heldout import held_out


def product_pair(rng, kind, test=False):
    """Factors of a product that may be shown, or, with `test`, of one that must not. `kind` is '1x1', '2x1', '3x1' or
    '2x2'."""
    first, second = int(kind[0]), int(kind[2])
    while True:
        a = rng.randint(10 ** (first - 1), 10**first - 1)
        b = rng.randint(10 ** (second - 1) if second > 1 else 2 if first > 1 else 1, 10**second - 1)
        if first > second and rng.random() < 0.5:
            a, b = b, a
        if held_out(a, b) == test:
            return a, b


def ordered(a, b):
    return (b, a) if held_out(a, b) else (a, b)


def worked(a, b):
    """The product by the tens and ones of one factor; None when a step would show what is held out."""
    many, by = (a, b) if a > b or b < 10 else (b, a)
    if by >= 10:
        tens, ones = by // 10 * 10, by % 10
        if ones == 0 or held_out(many, ones):
            return None
        return f'{a} × {b} = {many} × {tens} + {many} × {ones} = {many * tens} + {many * ones} = {a * b}'
    parts = [int(digit) * 10**place for place, digit in enumerate(reversed(str(many)))]
    parts = [part for part in reversed(parts) if part]
    if len(parts) < 2:
        return None
    steps = ' + '.join('{} × {}'.format(*ordered(part, by)) for part in parts)
    return f'{a} × {b} = {steps} = {" + ".join(str(part * by) for part in parts)} = {a * b}'


PRODUCT_KINDS = ('1x1',) * 3 + ('2x1',) * 7 + ('3x1',) * 3 + ('2x2',) * 3


def product_line(rng, test=False):
    a, b = product_pair(rng, rng.choice(PRODUCT_KINDS), test)
    form = rng.random()
    if form < 0.25 and max(a, b) > 9:
        line = worked(a, b)
        if line is not None:
            return line
    if form < 0.85:
        return f'{a} × {b} = {a * b}'
    if form < 0.90:
        return f'{a} * {b} = {a * b}'
    if form < 0.95:
        return f'{a}乘以{b}等于{a * b}。'
    return f'{a} times {b} is {a * b}.'


def sum_line(rng):
    top = rng.choice((9, 20, 99, 99, 999))
    a, b = rng.randint(1, top), rng.randint(1, top)
    form = rng.random()
    if form < 0.45:
        return f'{a} + {b} = {a + b}'
    if form < 0.8:
        return f'{max(a, b)} - {min(a, b)} = {abs(a - b)}'
    if form < 0.9:
        return f'{a}加{b}等于{a + b}。'
    return f'{a} plus {b} is {a + b}.'


def quotient_line(rng):
    a, b = product_pair(rng, rng.choice(('1x1', '2x1')))
    return f'{a * b} / {b} = {a}'


def sequence_line(rng):
    start, step = rng.randint(1, 50), rng.randint(1, 9)
    return ', '.join(str(start + step * i) for i in range(8))


def document(rng, test=False):
    """Several lines of one or of mixed kinds. With `test`, products are held-out ones only."""
    kinds = [lambda: product_line(rng, test)] * 11 + [lambda: sum_line(rng)] * 7 + [lambda: sequence_line(rng)]
    if not test:
        kinds.append(lambda: quotient_line(rng))
    if rng.random() < 0.3:
        kinds = [rng.choice(kinds)]
    return '\n'.join(rng.choice(kinds)() for _ in range(rng.randint(3, 12)))
