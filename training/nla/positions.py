"""Positions of texts with what is true of them and the model's residual there: `training/cpu.sh -m nla.positions
--model MODEL --run RUN`.

RUN/nla/{train,dev,test}.npy: residuals [N, d] at SITE; .jsonl: claims and the text on both sides. Windows begin where a
line or a document begins, as a prompt does; position 0, an attention sink, is left out.
"""

import argparse
import json
import pathlib
import random
import time

import numpy as np
import torch

from data.batches import MIX, line_ends
from features.labels import Vocabulary
from files.whole import whole
from model.transformer import open_model
from nla.claims import claims
from nla.wordings import KINDS

SITE = 3  # the output of block 3 of 0..5: two thirds of the depth
COUNTS = dict(train=240_000, dev=1_500, test=4_000)
FURTHER = 12_000  # positions of the training texts, for reinforcement
EACH, SHORTEST, LONGEST, NEAR, AFTER = 8, 16, 160, 96, 24
# Sums are read less often than prose, and their digits are what the operation's claims are about.
SHARES = {**MIX, 'arithmetic': 0.20}


def windows(run, split, count, rng):
    """(domain, document's first token or None, begin, length) of windows, and the domains' ids."""
    texts = {
        file.stem: np.fromfile(file, dtype=np.uint16)
        for file in sorted((pathlib.Path(run) / 'ids' / split).glob('*.bin'))
    }
    ends, names = line_ends(run), [name for name in SHARES if name in texts]
    shares, found = np.array([SHARES[name] for name in names]), []
    while len(found) < count:
        domain = names[rng.choice(len(names), p=shares / shares.sum())]
        ids = texts[domain]
        start = int(rng.integers(0, max(1, len(ids) - LONGEST - NEAR)))
        near = np.flatnonzero(ends[ids[start : start + NEAR]])
        if len(near) == 0:
            continue
        start += int(near[0]) + 1
        length = int(rng.integers(SHORTEST, LONGEST + 1))
        if domain == 'arithmetic':
            length = min(length, 72)
        found.append((domain, start, length))
    return found, texts


def line_of(ids, at, end, breaks):
    """Which line of its document a token is in; None where the document began too long ago to matter."""
    back = ids[max(0, at - 64) : at]
    starts = np.flatnonzero(back == end)
    return int(breaks[back[starts[-1] + 1 :]].sum()) if len(starts) else None


@torch.no_grad()
def collect(model, run, name, count, seed, split=None):
    """`count` positions of the texts of `split` as RUN/nla/`name`."""
    split = split or name
    rng, wording = np.random.default_rng(seed), random.Random(seed)
    vocabulary = Vocabulary(pathlib.Path(run) / 'tokenizer')
    breaks = np.array(['\n' in text for text in vocabulary.texts])
    found, texts = windows(run, split, -(-count // EACH), rng)
    found.sort(key=lambda window: window[2])
    residuals, rows, began, exact = [], [], time.time(), split != 'train'
    for at in range(0, len(found), 32):
        batch = found[at : at + 32]
        longest = max(length for _, _, length in batch)
        fed = np.full((len(batch), longest + AFTER), vocabulary.end, np.int64)
        for row, (domain, start, _) in enumerate(batch):
            ids = texts[domain][start : start + longest + AFTER]
            fed[row, : len(ids)] = ids
        # A text ends where the next document begins.
        lengths = []
        for row, (domain, start, length) in enumerate(batch):
            stops = np.flatnonzero(fed[row, :length] == vocabulary.end)
            lengths.append(int(stops[0]) if len(stops) else length)
        h = {}
        with torch.autocast('cpu', dtype=torch.bfloat16, enabled=not exact):
            top = model.blocks(
                model.model.embed_tokens(torch.from_numpy(fed[:, :longest])),
                site=lambda layer, x: h.setdefault(layer, x) if layer == SITE else x,
            )
        picks = [
            sorted(rng.choice(np.arange(1, length), min(EACH, length - 1), replace=False).tolist())
            if length > 1
            else []
            for length in lengths
        ]
        places = [(row, position) for row, positions in enumerate(picks) for position in positions]
        if not places:
            continue
        index = torch.tensor(places)
        likely = model.logits(top[index[:, 0], index[:, 1]].float()).topk(3).indices.tolist()
        residuals.append(h[SITE][index[:, 0], index[:, 1]].float().numpy().astype(np.float32 if exact else np.float16))
        for (row, position), best in zip(places, likely):
            domain, start, _ = batch[row]
            ids, pieces = fed[row], [vocabulary.texts[id] for id in fed[row]]
            before = ''.join(pieces[: position + 1])
            after = ''.join(pieces[position + 1 : position + 1 + AFTER]).split('<|endoftext|>')[0]
            line = line_of(texts[domain], start + position, vocabulary.end, breaks)
            told = claims(
                domain,
                KINDS[domain],
                pieces[: position + 1],
                before,
                after,
                line,
                [vocabulary.texts[id] for id in best],
                wording,
            )
            rows.append(
                dict(
                    window=at + row,
                    domain=domain,
                    position=position,
                    before=before[-600:],
                    after=after,
                    claims=told,
                    ids=ids[: position + 1].tolist() if exact else None,
                )
            )
        if at % 3200 == 0:
            print(f'{name}: {len(rows)} positions, {len(rows) / (time.time() - began):.0f} a second', flush=True)
    order = np.random.default_rng(seed + 1).permutation(len(rows))[:count]
    into = pathlib.Path(run) / 'nla'
    into.mkdir(exist_ok=True)
    with whole(into / f'{name}.jsonl') as part:
        part.write_text('\n'.join(json.dumps(rows[place], ensure_ascii=False) for place in order), encoding='utf-8')
    with whole(into / f'{name}.npy') as part, open(part, 'wb') as file:
        np.save(file, np.concatenate(residuals)[order])


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', required=True)
    parser.add_argument('--run', required=True)
    arguments = parser.parse_args()
    opened = open_model(arguments.model)
    for place, (split, count) in enumerate(COUNTS.items()):
        if not (pathlib.Path(arguments.run) / 'nla' / f'{split}.npy').exists():
            collect(opened, arguments.run, split, count, 100 + place)
