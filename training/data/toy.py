"""A toy run for tests: invented texts, their tokenizer and ids."""

import atexit
import functools
import lzma
import pathlib
import random
import subprocess
import tempfile

from data.prepare import prepare

HERE = pathlib.Path(__file__).parent
VOCABULARY = 1600
COUNTS = dict(arithmetic=(60, 12), chat=(60, 12), zh_modern=(60, 12))


def write_texts(folder):
    """Invented documents under the names of the real domains."""
    rng = random.Random(1)
    kinds = 'old young red blue small large good bad new long short dark light cold warm'.split()
    nouns = 'cat king river ship tree house child dog boat stone'.split()
    verbs = 'saw found left kept lost sold took hid'.split()
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


def temporary():
    """A folder that is gone when Python ends."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return pathlib.Path(folder.name)


@functools.cache
def encoded():
    """A run up to the ids, made once for all tests: what writes into it copies it first."""
    corpus, run = temporary(), temporary()
    write_texts(corpus)
    prepare(corpus, run, COUNTS)
    for script, *options in (('tokenizer.mjs', str(VOCABULARY)), ('encode-texts.mjs',)):
        subprocess.run(['node', str(HERE / script), str(run), *options], check=True, capture_output=True)
    return run
