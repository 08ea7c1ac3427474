"""A toy run of a real model for tests: a tokenizer, windows, dictionaries with two planted features, and a stand-in for the
network, all without transformers."""

import json

import numpy as np
import torch

from files.tensors import write_file
from files.tokens import byte_alphabet
from files.whole import write_json
from real.sinks import is_sink
from real.texts import WINDOW

D, WIDTH, K, SITES, FACTOR = 48, 40, 6, (1, 3), 20
GIVEN = 4  # tokens that held-out writing goes on from
WORDS = 'the old young red cat king river ship tree saw found left kept his her and not'.split()
MARKERS = ('<|endoftext|>', '<|im_start|>', '<|im_end|>')
NAME = 'blocks.{}.hook_resid_post'


def tokenizer(folder):
    """Bytes and whole words; {text: id}."""
    pieces = [*byte_alphabet(), *(f'Ġ{word}' for word in WORDS)]
    vocabulary = {piece: id for id, piece in enumerate([*MARKERS, *pieces])}
    added = [dict(id=id, content=content, special=True) for id, content in enumerate(MARKERS)]
    write_json(folder / 'tokenizer.json', dict(model=dict(vocab=vocabulary), added_tokens=added))
    return {piece.replace('Ġ', ' '): id for piece, id in vocabulary.items()}


def windows(ids, count, seed):
    """Random sentences of five words, [count, WINDOW]."""
    rng = np.random.default_rng(seed)
    out = np.stack([rng.choice([ids[f' {word}'] for word in WORDS], WINDOW) for _ in range(count)]).astype(np.uint16)
    out[:, 5::6] = ids['.']
    return out


class Stub:
    """A 'network' whose residual is the token's vector and half of the one before; full stops are sinks."""

    def __init__(self, ids):
        random = torch.Generator().manual_seed(5)
        self.unembedding, self.norm = torch.randn(len(ids), D, generator=random), torch.ones(D)
        self.embedding = torch.nn.functional.normalize(self.unembedding) * 8
        self.embedding[ids['.']] = torch.nn.functional.one_hot(torch.tensor(3), D) * 8.0 * FACTOR

    def residuals(self, ids, layers):
        own, stops = self.embedding[ids], self.embedding.norm(dim=1) > 9
        before = torch.roll(own, 1, 1) * 0.5
        before[stops[torch.roll(ids, 1, 1)]] = 0
        return {layer: own + before for layer in layers}

    def sinks(self, layer, h):
        return is_sink(h, 9.0)


def dictionaries(shipped, stub, ids):
    """Feature 0 reads “cat”, feature 1 “ship”; the others are random. One site is top-k as SAELens trains
    it, b_dec subtracted and latents in units of decoder rows; the other has thresholds."""
    for layer in SITES:
        random = torch.Generator().manual_seed(layer)
        decoder = torch.nn.functional.normalize(torch.randn(WIDTH, D, generator=random))
        for feature, word in enumerate(('cat', 'ship')):
            decoder[feature] = torch.nn.functional.normalize(stub.embedding[ids[f' {word}']], dim=0)
        decoder *= torch.rand(WIDTH, 1, generator=random) + 0.5 if layer == SITES[0] else 1
        tensors = dict(
            W_enc=torch.nn.functional.normalize(decoder).T, b_enc=torch.full((WIDTH,), -2.0), W_dec=decoder,
            b_dec=torch.randn(D, generator=random) * 0.05,
        )  # fmt: skip
        tensors['b_enc'][:2] = -6.5  # not what comes after them
        config = dict(
            architecture='topk', k=K, d_in=D, d_sae=WIDTH, dtype='float32', apply_b_dec_to_input=True,
            rescale_acts_by_decoder_norm=True, normalize_activations='none',
            metadata=dict(hook_name=NAME.format(layer), sae_lens_version='6.54.12'),
        )  # fmt: skip
        if layer == SITES[1]:
            config.update(architecture='jumprelu')
            del config['k'], config['rescale_acts_by_decoder_norm']
            tensors['threshold'] = torch.full((WIDTH,), 0.5)
        folder = shipped / 'sae' / NAME.format(layer)
        folder.mkdir(parents=True)
        write_file(folder / 'sae_weights.safetensors', tensors)
        (folder / 'cfg.json').write_text(json.dumps(config))


def made(run):
    """The run's files, and the stub of the network."""
    for name in ('model', 'ids', 'written'):
        (run / name).mkdir()
    (run / 'model' / 'model.safetensors').write_bytes(b'weights')
    ids = tokenizer(run / 'model')
    for seed, split in enumerate(('train', 'dev', 'test')):
        domain = np.arange(24, dtype=np.uint8) % 3
        np.savez(run / 'ids' / f'{split}.npz', ids=windows(ids, 24, seed), domain=domain)
    for seed, name in enumerate(('000', 'dev', 'test'), 9):
        np.save(run / 'written' / f'{name}.npy', windows(ids, 12, seed))
        if name != '000':
            np.save(run / 'written' / f'{name}-given.npy', np.full(12, GIVEN, np.uint16))
    # A stretch of a public text, as a model may know one by heart.
    own = run / 'written' / '000.npy'
    rows = np.load(own)
    rows[:, 50:200] = np.load(run / 'ids' / 'train.npz')['ids'][: len(rows), 50:200]
    np.save(own, rows)
    stub = Stub(ids)
    dictionaries(run / 'shipped', stub, ids)
    return stub, ids
