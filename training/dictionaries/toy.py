"""Toy dictionaries for tests."""

import functools
from unittest import mock

from dictionaries import make
from model.toy import trained
from model.transformer import open_model

BUDGET = dict(tokens=6000, steps=60, held_out=2000)
LENGTH, WIDTH, K = 32, 64, 4


def results(run, split):
    return make.Results(run / f'{split}.json', split=split, **BUDGET)


@functools.cache
def made():
    """The toy run and model folder with dictionaries, made once for all tests."""
    make_again(*trained())
    return trained()


def make_again(run, folder):
    model = open_model(folder)
    with mock.patch.multiple(make, WIDTHS=(WIDTH,), KS=(K,), TABLE=BUDGET, FINAL=BUDGET):
        make.table(model, run, results(run, 'dev'), LENGTH)
        make.final(model, run, folder / 'sae', results(run, 'test'), LENGTH, WIDTH, K)
