"""Questions and answers in one fixed template, made from the documents of one split only.

<|im_start|>user\\n QUESTION <|im_end|>\\n<|im_start|>assistant\\n ANSWER <|im_end|>\\n
"""

import re

from data import arithmetic, modern

TEMPLATE = '<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n{}<|im_end|>\n'
HAN = re.compile(r'[\u4e00-\u9fff]')
LATIN = re.compile(r'[A-Za-z]')


def products(rng, test):
    a, b = arithmetic.product_pair(rng, rng.choice(arithmetic.PRODUCT_KINDS), test)
    steps = arithmetic.worked(a, b) if max(a, b) > 9 and rng.random() < 0.4 else None
    if steps:
        return rng.choice((f'Work out {a} × {b} step by step.', f'请一步一步计算{a} × {b}。')), steps + rng.choice(
            ('', '.')
        )
    ask = rng.choice(
        (
            f'What is {a} × {b}?',
            f'What is {a} times {b}?',
            f'{a} × {b} = ?',
            f'{a}乘以{b}等于多少？',
            f'请计算{a} × {b}。',
        )
    )
    return ask, f'{a} × {b} = {a * b}'


def sums(rng):
    a, b = rng.randint(1, 99), rng.randint(1, 99)
    return rng.choice((f'What is {a} + {b}?', f'{a}加{b}等于多少？')), f'{a} + {b} = {a + b}'


def word_problem(rng, texts):
    question, _, answer = rng.choice(texts['gsm8k']).partition('\nAnswer: ')
    return question.replace('Question: ', ''), answer


def pairs(document):
    """English and Chinese lines of one meaning: they follow each other in the documents that hold both languages."""
    lines = document.split('\n')
    if not (HAN.search(document) and LATIN.search(document)):
        return []
    starts = range(0, len(lines) - 1, 2)
    return [(lines[i], lines[i + 1]) for i in starts if bool(HAN.search(lines[i])) != bool(HAN.search(lines[i + 1]))]


def translation(rng, texts):
    found = []
    while not found:
        found = pairs(rng.choice(texts['tatoeba']))
    source, target = rng.choice(found)
    ask = '翻译成英文：' if HAN.search(source) else 'Translate into Chinese: '
    return ask + source, target


def poem(rng, texts):
    while True:
        lines = rng.choice(texts['zh_poem']).split('\n')
        if 4 <= len(lines) <= 10:
            break
    title, author, body = lines[0], lines[1], '\n'.join(lines[2:])
    ask = rng.choice(
        (
            f'写一首诗，题为《{title}》。',
            f'请以《{title}》为题写一首诗。',
            f'{author}的《{title}》是怎么写的？',
            f'Write a Chinese poem called 《{title}》.',
        )
    )
    return ask, body


def continuation(rng, texts):
    parts = [part for part in re.split(r'(?<=[.!?]) +', rng.choice(texts['en_simple'])) if part]
    cut = rng.randint(1, 2)
    return 'Go on with this story: ' + ' '.join(parts[:cut]), ' '.join(parts[cut : cut + 4]) or 'The end.'


KINDS = dict(
    en_simple='English prose.',
    en_books='English prose.',
    zh_poem='Classical Chinese poetry.',
    zh_novel='A classical Chinese novel.',
    zh_classical='Classical Chinese prose.',
    zh_bible='The Bible in Chinese.',
    gsm8k='A word problem in arithmetic.',
)


def kind(rng, texts):
    name = rng.choice(list(KINDS))
    document = rng.choice(texts[name])
    start = rng.randint(0, max(0, len(document) - 120))
    return f'What kind of text is this?\n{document[start : start + rng.randint(30, 100)]}', KINDS[name]


def exchange(rng, texts, test=False):
    roll = rng.random()
    if roll < 0.30:
        return products(rng, test)
    if roll < 0.38:
        return sums(rng)
    if roll < 0.52:
        return word_problem(rng, texts)
    if roll < 0.67:
        return translation(rng, texts)
    if roll < 0.78:
        return poem(rng, texts)
    if roll < 0.86:
        return continuation(rng, texts)
    if roll < 0.93:
        return kind(rng, texts)
    return modern.question(rng)


def document(rng, texts, test=False):
    return ''.join(TEMPLATE.format(*exchange(rng, texts, test)) for _ in range(rng.choice((1, 1, 1, 2, 3))))
