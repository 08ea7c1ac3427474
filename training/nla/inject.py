"""Writes what PyTorch computes where vectors enter the residual stream from outside, for the tests of injection,
SelfIE and Patchscopes.

    python3 training/nla/inject.py

Every number is from a fresh forward pass over the whole prefix: no cache, no cut, no batch. `without` is the
probability of the same token after the same prefix with nothing put in; SelfIE's relevancy is |p - without|.
"""

import json
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from fixtures import numbers, write
from qwen3 import Qwen3
from tokens import encode

ROOT = HERE.parent.parent
TINY = ROOT / 'src/lens/testing/fixtures/tiny-tied-f32'
MINI = ROOT / 'public/models/lenslet-mini'
TARGET = ROOT / 'src/lens/testing/inject.json'

SELFIE = ('_ _ _ _ _', 'Sure, I will summarize the message:')
IDENTITY = 'cat -> cat\n1135 -> 1135\nhello -> hello\n?'
TEXT, POSITION, SITE = 'The old man looked at the river and said nothing.', 6, 3
# Greedy choices must not hang on rounding.
MARGIN = 1e-3


@torch.no_grad()
def logits_of(model, ids, at=None, positions=(), vectors=None, mode='overwrite'):
    """Logits [T, V]; at `positions` of the embedding or of a block's output the vectors take the place of the rows, or
    are added to them."""

    def put(h):
        h = h.clone()
        for position, vector in zip(positions, vectors):
            h[position] = vector if mode == 'overwrite' else h[position] + vector
        return h

    h = F.embedding(torch.tensor(ids), model.weights['model.embed_tokens.weight'])
    h = put(h) if at == 'embedding' else h
    for layer in range(model.layers):
        h = model.block(layer, h)
        h = put(h) if at == layer else h
    return model.linear(model.norm(h, 'model.norm'), 'lm_head')


def injection(model, ids, at, mode, positions, seed, read):
    vectors = torch.from_numpy(np.random.default_rng(seed).normal(0, 2, (len(positions), model.d)).astype(np.float32))
    logits = logits_of(model, ids, at, positions, vectors, mode)
    return {
        'at': at,
        'mode': mode,
        'positions': positions,
        'vectors': numbers(vectors),
        'logits': {str(t): numbers(logits[t]) for t in read},
    }


def greedy(model, ids, layer, positions, vector, steps):
    """Greedy tokens after a prompt with the vector in the place of block `layer`'s output at `positions`."""
    tokens, probabilities, given = [], [], list(ids)
    for _ in range(steps):
        with_it = logits_of(model, given, layer, positions, [vector] * len(positions))[-1]
        without = logits_of(model, given)[-1]
        best, second = with_it.topk(2).values.tolist()
        if best - second < MARGIN:
            raise ValueError(f'a tie at step {len(tokens)}: {best} and {second}')
        tokens.append(int(with_it.argmax()))
        probabilities.append(torch.stack([logits.softmax(-1)[tokens[-1]] for logits in (with_it, without)]))
        given.append(tokens[-1])
    p, bare = torch.stack(probabilities, 1)
    return {
        'ids': list(ids),
        'layer': layer,
        'positions': list(positions),
        'vector': numbers(vector),
        'tokens': tokens,
        'p': numbers(p),
        'without': numbers(bare),
    }


def mini_prompts():
    user, prefix = SELFIE
    [text, chat, said, identity] = encode(
        MINI, [TEXT, f'<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n', prefix, IDENTITY]
    )
    [mark] = encode(MINI, ['_'])[0]
    return text, chat + said, [i for i, id in enumerate(chat) if id == mark], identity


def main():
    torch.set_num_threads(1)
    tiny, ids = Qwen3(TINY), json.loads((TINY / 'expected.json').read_text())['ids']
    cases = {
        'over the embedding': injection(tiny, ids, 'embedding', 'overwrite', [3, 7], 11, [2, 3, 9, 11]),
        'over the output of block 0': injection(tiny, ids, 0, 'overwrite', [1, 4, 5], 12, [0, 1, 6, 11]),
        'over the output of block 1': injection(tiny, ids, 1, 'overwrite', [4, 11], 13, [4, 5, 11]),
        'on top of the embedding': injection(tiny, ids, 'embedding', 'add', [0, 8], 14, [0, 1, 8, 11]),
        'on top of the output of block 0': injection(tiny, ids, 0, 'add', [2, 6], 15, [1, 2, 7, 11]),
    }
    vector = torch.from_numpy(np.random.default_rng(16).normal(0, 2, tiny.d).astype(np.float32))
    runs = {
        'over the output of block 0': greedy(tiny, ids, 0, [1, 2, 3], vector, 10),
        'over the output of block 1': greedy(tiny, ids, 1, [len(ids) - 1], vector, 6),
    }
    mini = Qwen3(MINI)
    text, selfie, marks, identity = mini_prompts()
    residual = mini.forward(text)[0][SITE][POSITION]
    words = {
        'text': TEXT,
        'position': POSITION,
        'site': SITE,
        'selfie': greedy(mini, selfie, 0, marks, residual, 24),
        'patchscopes': greedy(mini, identity, SITE, [len(identity) - 1], residual, 8),
    }
    for run in (words['selfie'], words['patchscopes']):
        del run['vector']  # the trace's own residual
    write(TARGET, {'ids': ids, 'injections': cases, 'runs': runs, 'mini': words})


if __name__ == '__main__':
    main()
