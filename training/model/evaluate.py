"""Held-out figures of the language model: `training/cpu.sh -m model.evaluate --model FOLDER --run RUN` writes
RUN/figures/model.json.

Loss in nats a token, per domain and over the mix, on the test split in windows of the full context, beside two
baselines counted on the training split: a unigram, and a bigram that falls back on it. Products by the greedy answer to
`a × b =`; where the model writes its steps out, the answer is what stands after the last `=` of the line.
"""

import argparse
import json
import math
import pathlib
import random

import numpy as np
import torch

from data import arithmetic
from data.batches import Texts
from data.heldout import HELD_OUT_ORDERS, two_by_one
from files.tokens import decode, encode, markers
from files.whole import write_json
from model.sampler import generate
from model.transformer import open_model

WINDOWS = 64  # of a domain, at most
ANSWER_TOKENS = 44  # the longest written-out product of two digits by two


def wilson(hits, n):
    """A share with its 95 % interval (Wilson, 1927)."""
    z, share = 1.96, hits / n
    middle, half = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return dict(rate=share, low=(middle - half) / (1 + z * z / n), high=(middle + half) / (1 + z * z / n), n=n)


class Baselines:
    """Unigram and bigram of the training mix. The bigram's weight is the one of nine that is best on the dev split."""

    def __init__(self, train, dev, vocabulary):
        self.vocabulary = vocabulary
        singles, self.pairs = np.ones(vocabulary) / 1e7, np.zeros(vocabulary * vocabulary, dtype=np.float32)
        for domain, share in zip(train.mix, train.shares):
            ids = train.ids[domain].astype(np.int64)
            singles += np.bincount(ids, minlength=vocabulary) * share / len(ids)
            keys, counts = np.unique(ids[:-1] * vocabulary + ids[1:], return_counts=True)
            self.pairs[keys] += (counts * share / len(ids)).astype(np.float32)
        self.firsts = self.pairs.reshape(vocabulary, vocabulary).sum(1)
        self.unigram = singles / singles.sum()
        grid = np.arange(1, 10) / 10
        self.weight = min(
            grid,
            key=lambda weight: sum(
                share * self.bigram(dev.ids[domain], weight) for domain, share in zip(dev.mix, dev.shares)
            ),
        )

    def single(self, ids):
        return float(-np.log(self.unigram[ids[1:]]).mean())

    def bigram(self, ids, weight=None):
        weight, ids = self.weight if weight is None else weight, ids.astype(np.int64)
        followed = self.pairs[ids[:-1] * self.vocabulary + ids[1:]] / np.maximum(self.firsts[ids[:-1]], 1e-12)
        return float(-np.log(weight * followed + (1 - weight) * self.unigram[ids[1:]]).mean())


@torch.no_grad()
def domain_loss(model, windows):
    """Mean loss of every window [N, T]: [N]."""
    losses = []
    for ids in windows.split(8):
        logs = model(ids[:, :-1]).log_softmax(-1)
        losses += (-logs.gather(2, ids[:, 1:, None])[..., 0].mean(1)).tolist()
    return np.array(losses)


def loss_figures(model, run):
    train, dev, test = (Texts(run, split) for split in ('train', 'dev', 'test'))
    baselines, rng = Baselines(train, dev, model.shape.vocabulary), np.random.default_rng(0)
    domains, draws = {}, np.zeros(1000)
    for domain, share in zip(test.mix, test.shares):
        windows = test.windows(domain, model.shape.context, WINDOWS)
        losses, ids = domain_loss(model, windows), windows.numpy().reshape(-1)
        draws += share * rng.choice(losses, (1000, len(losses))).mean(1)
        domains[domain] = dict(
            share=float(share),
            tokens=int(windows.numel()),
            loss=float(losses.mean()),
            unigram=baselines.single(ids),
            bigram=baselines.bigram(ids),
        )
        print(domain, domains[domain], flush=True)
    overall = {
        name: sum(entry['share'] * entry[name] for entry in domains.values()) for name in ('loss', 'unigram', 'bigram')
    }
    low, high = np.quantile(draws, (0.025, 0.975))
    return dict(
        domains=domains,
        overall=dict(
            **overall, low=float(low), high=float(high), tokens=sum(entry['tokens'] for entry in domains.values())
        ),
    )


def answer(text):
    """What a line says the product is: digits after its last `=`, and whether steps stand before."""
    parts = text.split('\n')[0].split('=')
    return ''.join(character for character in parts[-1].strip().rstrip('.') if character.isdigit()), len(parts) > 1


def products(model, folder, pairs, chat=False):
    """Exact answers, right digits, and how many were written out."""
    form = '<|im_start|>user\nWhat is {} × {}?<|im_end|>\n<|im_start|>assistant\n{} × {} =' if chat else '{} × {} ='
    prompts = encode(folder, [form.format(*pair, *(pair if chat else ())) for pair in pairs])
    texts = decode(folder, generate(model, prompts, ANSWER_TOKENS, temperature=0))
    exact = digits = total = steps = 0
    for (a, b), text in zip(pairs, texts):
        said, worked = answer(text)
        right = str(a * b)
        exact, steps, total = exact + (said == right), steps + worked, total + len(right)
        digits += (
            sum(x == y for x, y in zip(said.rjust(len(right))[-len(right) :], right)) if len(said) <= len(right) else 0
        )
    return dict(exact=wilson(exact, len(pairs)), digits=wilson(digits, total), steps=steps / len(pairs))


def product_figures(model, folder):
    rng = random.Random('products of the card')
    ones = [(a, b) for a in range(1, 10) for b in range(1, 10)]
    draw = lambda kind, test: sorted({arithmetic.product_pair(rng, kind, test) for _ in range(220)})
    return {
        '1x1 held-out orders': products(model, folder, sorted(HELD_OUT_ORDERS)),
        '1x1 all pairs': products(model, folder, ones),
        '2x1 held-out pairs': products(model, folder, two_by_one()),
        '2x1 held-out pairs, asked in chat': products(model, folder, two_by_one(), chat=True),
        '2x1 trained pairs': products(model, folder, draw('2x1', False)),
        '2x2 held-out pairs': products(model, folder, draw('2x2', True)),
    }


SAMPLES = ('The old man looked at the', 'What is 23 × 7?', '春日\n', '今天早上，', '话说')


def samples(model, folder):
    prompts = [
        f'<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n' if text.endswith('?') else text
        for text in SAMPLES
    ]
    end = markers(folder)['<|endoftext|>']
    texts = decode(
        folder, [row[:40] for row in generate(model, encode(folder, prompts), 40, temperature=0.7, seed=16, stop=end)]
    )
    return [dict(prompt=prompt, text=text) for prompt, text in zip(SAMPLES, texts)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', type=pathlib.Path, required=True)
    parser.add_argument('--run', type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    model = open_model(arguments.model)
    figures = dict(products=product_figures(model, arguments.model), samples=samples(model, arguments.model))
    print(json.dumps(figures, ensure_ascii=False, indent=1), flush=True)
    figures['loss'] = loss_figures(model, arguments.run)
    target = arguments.run / 'figures' / 'model.json'
    target.parent.mkdir(exist_ok=True)
    write_json(target, figures)


if __name__ == '__main__':
    main()
