"""What is shown of every feature of a model's dictionaries: `training/cpu.sh -m features.describe --model FOLDER
--run RUN`, after written.py.

FOLDER/sae/SITE/features.safetensors comes out beside each SAE: densities, maximum and histogram of the firings, tokens
promoted and suppressed, similar features here and at the other sites, a label by rule (labels.py), and snippets of
texts the model wrote itself or that were generated, at the top firings and in bands below them. No text of a corpus is
in it. training/README.md lists the tensors.

Codes are kept under RUN/features/, so that a run that is cut or repeated with the same weights does not compute them
again.
"""

import argparse
import hashlib
import json
import pathlib

import numpy as np
import torch

from features.firings import ARITHMETIC, MODEL, Firings, encode, own, real
from features.labels import RULE, Labelled, Vocabulary, choose, measure
from features.snippets import BANDS, Snippets, snippets
from features.written import TrainingText
from files.tensors import write_file
from files.whole import sha256, whole
from model.transformer import open_model
from reference.sae import open_saes

PROMOTED, SIMILAR = 10, 5


def promoted(model, sae, vocabulary):
    """Tokens that a decoder row moves most through final norm and unembedding; no special markers, no parts of
    characters."""
    logits = (sae.decoder * model.model.norm.weight) @ model.model.embed_tokens.weight.T
    shown = torch.from_numpy(~(vocabulary.split | vocabulary.special))
    out = {}
    for name, sign in (('promoted', 1), ('suppressed', -1)):
        values, ids = (sign * logits).masked_fill(~shown, float('-inf')).topk(PROMOTED)
        out[f'{name}.ids'], out[f'{name}.logits'] = ids.numpy().astype(np.uint16), sign * values
    return out


def neighbours(saes, layer):
    """Features with the nearest decoder rows: here, and the one nearest at each other site."""
    unit = {site: torch.nn.functional.normalize(sae.decoder) for site, sae in saes.items()}
    cosine, ids = (unit[layer] @ unit[layer].T).fill_diagonal_(-2).topk(SIMILAR)
    across = [(unit[layer] @ unit[site].T).max(1) for site in saes if site != layer]
    stack = lambda parts: torch.stack(parts, 1) if parts else torch.zeros(len(ids), 0)
    return {
        'similar.ids': ids.numpy().astype(np.uint16),
        'similar.cosine': cosine,
        'nearest.ids': stack([best.indices for best in across]).numpy().astype(np.uint16),
        'nearest.cosine': stack([best.values for best in across]),
    }


def labels(dev, test, dev_codes, test_firings, width):
    rules = choose(dev, *dev_codes, width)
    out = measure(test, rules, [test_firings.of(feature)[0] for feature in range(width)])
    texts = [text.encode() for text, _, _ in out]
    return {
        'label.begin': np.cumsum([0, *map(len, texts)]).astype(np.uint32),
        'label.text': np.frombuffer(b''.join(texts), np.uint8),
        'label.precision': torch.tensor([float(precision) for _, precision, _ in out]),
        'label.recall': torch.tensor([float(recall) for _, _, recall in out]),
    }


def report(layer, tensors, size):
    live = tensors['maximum'].numpy() > 0
    labelled = np.diff(tensors['label.begin']) > 0
    middle = lambda name: float(np.median(tensors[name].numpy()[labelled])) if labelled.any() else 0
    bands = np.bincount(tensors['snippet.band'], minlength=len(BANDS) + 1).tolist()
    print(
        f'layer {layer}: {live.sum()} of {len(live)} live, {(labelled & live).sum() / max(live.sum(), 1):.1%} of them labelled, median precision '
        f'{middle("label.precision"):.2f}, recall {middle("label.recall"):.2f}; snippets by band {bands}; {size / 1e6:.2f} MB',
        flush=True,
    )


def describe(folder, run):
    folder, run = pathlib.Path(folder), pathlib.Path(run)
    model, saes, vocabulary = open_model(folder), open_saes(folder), Vocabulary(folder)
    where = {layer: folder / 'sae' / f'blocks.{layer}.hook_resid_post' for layer in saes}
    weights = {str(layer): sha256(path / 'sae_weights.safetensors') for layer, path in where.items()}
    weights['model'] = sha256(folder / 'model.safetensors')
    streams = {stream.name: stream for stream in (own(run), real(run, 'dev'), real(run, 'test'))}
    texts = ''.join(hashlib.sha256(stream.ids).hexdigest() for stream in streams.values())
    into = run / 'features' / hashlib.sha256((json.dumps(weights) + texts).encode()).hexdigest()[:16]
    into.mkdir(parents=True, exist_ok=True)
    codes = {name: encode(model, saes, stream, into) for name, stream in streams.items()}
    own_texts, test_texts = streams['written'], streams['test']
    chooser = Snippets(own_texts, vocabulary, TrainingText(run))
    dev, test = (
        Labelled(vocabulary, stream.ids, stream.domain, stream.counted) for stream in (streams['dev'], test_texts)
    )
    counted = {source: int(own_texts.counted[own_texts.source == source].sum()) for source in (MODEL, ARITHMETIC)}
    for layer, sae in saes.items():
        firings, held_out = Firings(codes['written'][layer], sae.width), Firings(codes['test'][layer], sae.width)
        maxima = firings.maxima()
        density = np.bincount(held_out.feature, test.weight[test.domain[held_out.positions]], sae.width)
        tensors = {
            'density.written': torch.from_numpy((firings.counts / sum(counted.values())).astype(np.float32)),
            'density.held_out': torch.from_numpy(density.astype(np.float32)),
            'maximum': torch.from_numpy(maxima),
            'histogram': firings.histogram(maxima),
            **promoted(model, sae, vocabulary),
            **neighbours(saes, layer),
            **labels(dev, test, codes['dev'][layer], held_out, sae.width),
            **snippets(chooser, codes['written'][layer], firings, maxima, layer),
        }
        tokens = dict(written=counted[MODEL], arithmetic=counted[ARITHMETIC], held_out=int(test_texts.counted.sum()))
        metadata = {
            'format': 'lenslet-features-1',
            'layer': str(layer),
            'width': str(sae.width),
            'k': str(sae.k),
            'tokens': json.dumps(tokens),
            'label.rule': RULE,
            'bands': json.dumps(BANDS),
            'nearest.layers': json.dumps([site for site in saes if site != layer]),
            'weights_sha256': weights[str(layer)],
            'model_sha256': weights['model'],
        }
        path = where[layer] / 'features.safetensors'
        # Wide elements first, so that every tensor begins at a multiple of its element size.
        element = lambda item: item[1].itemsize if isinstance(item[1], np.ndarray) else item[1].element_size()
        with whole(path) as part:
            write_file(part, dict(sorted(tensors.items(), key=element, reverse=True)), metadata)
        report(layer, tensors, path.stat().st_size)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--model', required=True)
    parser.add_argument('--run', required=True)
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    describe(arguments.model, arguments.run)
