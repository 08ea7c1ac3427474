"""Windows of public text for a real model: `training/cpu.sh -m real.texts --texts TEXTS --run RUN`.

TEXTS holds `{domain}.txt.xz`, UTF-8, documents separated by NUL; nothing of it is shipped. RUN/ids/{split}.npz comes
out: `ids` uint16 (uint32 where the vocabulary is larger) [N, WINDOW], windows that lie within one document and begin
anywhere in it, each behind what the tokenizer puts before a text, and `domain` uint8 [N], the place in DOMAINS. A document's split is decided by hashing (`data/heldout.py`), and no line of 8 characters or more of a
held-out document is left in a training document.
"""

import argparse
import lzma
import pathlib

import numpy as np

from data.heldout import draw
from data.prepare import divide
from files.whole import whole

WINDOW = 256
# Share of each domain in the training windows: simple and other English books, word problems with their answers.
MIX = {'en_simple': 0.45, 'en_books': 0.35, 'gsm8k': 0.2}
DOMAINS = list(MIX)
WINDOWS = {'train': 4200, 'dev': 400, 'test': 600}
JOINED = 24  # what the files have between two NULs is short: so many make a document, a blank line between them


def documents(folder):
    """{domain: its documents}."""
    out = {}
    for domain in DOMAINS:
        with lzma.open(pathlib.Path(folder) / f'{domain}.txt.xz', 'rt', encoding='utf-8') as file:
            texts = [text for text in file.read().split('\0') if text.strip()]
        out[domain] = ['\n\n'.join(texts[at : at + JOINED]) for at in range(0, len(texts), JOINED)]
    return out


def windows(encode, texts, count, seed, first=()):
    """`count` windows of documents, each document with as many as its length's share of all; `encode(text)` gives
    ids, of which windows do not overlap; `first` are those that every window begins with."""
    own = WINDOW - len(first)
    sizes = np.array([len(text) for text in texts], float)
    rng, out = np.random.default_rng(seed), []
    for text, share in zip(texts, sizes / sizes.sum()):
        wanted = int(share * count) + (rng.random() < share * count % 1)
        # A window is of fewer than 8 characters a token: so much of the document is enough to draw from.
        length = WINDOW * 8 * wanted
        begin = int(rng.integers(0, max(1, len(text) - length + 1)))
        ids = encode(text[begin : begin + length])
        places = len(ids) // own
        for place in rng.permutation(places)[:wanted]:
            out.append([*first, *ids[place * own : (place + 1) * own]])
    out = np.array(out, np.uint32).reshape(-1, WINDOW)
    return out if out.max(initial=0) >> 16 else out.astype(np.uint16)


def prepare(folder, encode, first=()):
    """{split: (ids, domain)}."""
    parts = {split: [] for split in WINDOWS}
    for place, (domain, texts) in enumerate(documents(folder).items()):
        for split, kept in divide(texts).items():
            count = round(MIX[domain] * WINDOWS[split])
            parts[split].append((windows(encode, kept, count, draw(f'real {split} {domain}', 1 << 32), first), place))
    return {
        split: (
            np.concatenate([ids for ids, _ in found]),
            np.repeat(np.arange(len(found), dtype=np.uint8), [len(ids) for ids, _ in found]),
        )
        for split, found in parts.items()
    }


def load(run, split):
    """The windows of a split, ids [N, WINDOW] and domain [N]."""
    found = np.load(pathlib.Path(run) / 'ids' / f'{split}.npz')
    return found['ids'], found['domain']


if __name__ == '__main__':
    from transformers import AutoTokenizer

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--texts', type=pathlib.Path, required=True)
    parser.add_argument('--run', type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(arguments.run / 'model')
    (arguments.run / 'ids').mkdir(exist_ok=True)
    encode = lambda text: tokenizer(text, add_special_tokens=False)['input_ids']
    for split, (ids, domain) in prepare(arguments.texts, encode, tokenizer('')['input_ids']).items():
        with whole(arguments.run / 'ids' / f'{split}.npz') as part, open(part, 'wb') as file:
            np.savez(file, ids=ids, domain=domain)
        print(f'{split}: {len(ids)} windows, {np.bincount(domain).tolist()} by domain', flush=True)
