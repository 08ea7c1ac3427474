"""Texts to splits: `training/cpu.sh -m data.prepare --texts FOLDER --out RUN`.

FOLDER holds `{domain}.txt.xz`, UTF-8, documents separated by NUL. RUN/text/{split}/{domain}.txt comes out the same way,
with three generated domains beside them. No line of 8 characters or more of a held-out document is left in a training
document.
"""

import argparse
import lzma
import pathlib
import random

from data import arithmetic, chat, modern
from data.heldout import split_of, without_held_out

GENERATED = dict(arithmetic=(60000, 600), chat=(50000, 800), zh_modern=(9000, 150))
LONG_LINE = 8


def divide(documents):
    splits = dict(train=[], dev=[], test=[])
    for document in documents:
        splits[split_of(document)].append(document)
    lines = {
        line
        for name in ('dev', 'test')
        for document in splits[name]
        for line in document.split('\n')
        if len(line) >= LONG_LINE
    }
    kept = ('\n'.join(line for line in document.split('\n') if line not in lines) for document in splits['train'])
    splits['train'] = [document for document in kept if document.strip()]
    return splits


def generate(texts, split, counts):
    """The generated domains of one split: another seed each, and products of the held-out pairs alone outside
    training."""
    rng = random.Random(f'lenslet {split}')
    test, size = split != 'train', 1 if split != 'train' else 0
    made = {
        'arithmetic': [arithmetic.document(rng, test) for _ in range(counts['arithmetic'][size])],
        'chat': [chat.document(rng, texts, test) for _ in range(counts['chat'][size])],
        'zh_modern': [modern.document(rng) for _ in range(counts['zh_modern'][size])],
    }
    return made


def prepare(folder, out, counts=GENERATED):
    texts = dict(train={}, dev={}, test={})
    for file in sorted(pathlib.Path(folder).glob('*.txt.xz')):
        domain = file.name.split('.')[0]
        documents = (
            without_held_out(document) for document in lzma.open(file, 'rt', encoding='utf-8').read().split('\0')
        )
        for split, kept in divide([document for document in documents if document]).items():
            texts[split][domain] = kept
    for split in texts:
        texts[split].update(generate(texts[split], split, counts))
        into = pathlib.Path(out) / 'text' / split
        into.mkdir(parents=True, exist_ok=True)
        for domain, documents in texts[split].items():
            (into / f'{domain}.txt').write_text('\0'.join(documents), encoding='utf-8')
            print(f'{split:5} {domain:12} {len(documents):7} documents', flush=True)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--texts', required=True)
    parser.add_argument('--out', required=True)
    arguments = parser.parse_args()
    prepare(arguments.texts, arguments.out)
