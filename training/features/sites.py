"""The feature data of each site: from a model, its dictionaries and texts to `features.safetensors`, whose tensors
training/README.md lists."""

import dataclasses
import hashlib
import json

import numpy as np
import torch

from features.firings import ARITHMETIC, MODEL, Firings, Stream, encode
from features.labels import Labelled, Vocabulary, choose, measure
from features.rules import RULE, Rules
from features.snippets import BANDS, Amount, Snippets, snippets
from files.tensors import write_file
from files.whole import whole

PROMOTED, SIMILAR = 10, 5


def promoted(model, sae, vocabulary):
    """Tokens that a decoder row moves most through final norm and unembedding; no special markers, no parts of
    characters."""
    logits = (sae.decoder * model.norm) @ model.unembedding.T
    shown = torch.from_numpy(~(vocabulary.split | vocabulary.special))[: vocabulary.size]
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


@dataclasses.dataclass
class Material:
    """What features are described from. `model`: beside what `encode` asks of it, `norm` [d], the final norm's weights,
    and `unembedding` [V, d]. `written` is shown in snippets, where it does not repeat what `known` knows. `dev` and
    `test` are texts of the rules' domains. `weights`: sha256 of each site's weights by layer, and of the model's. `amount`
    of snippets; `compact`: in fewer bytes."""

    model: object
    saes: dict
    vocabulary: Vocabulary
    rules: Rules
    written: Stream
    dev: Stream
    test: Stream
    known: object
    weights: dict
    amount: Amount = Amount()
    compact: bool = False


def compacted(tensors):
    """The same in fewer bytes: logits, cosines and figures of labels as float16, counts as uint16 where they fit."""
    narrow = lambda name: name.endswith(('.logits', '.cosine')) or name in ('label.precision', 'label.recall')
    out = {name: tensor.half() if narrow(name) else tensor for name, tensor in tensors.items()}
    if out['histogram'].max(initial=0) < 1 << 16:
        out['histogram'] = out['histogram'].astype(np.uint16)
    return out


def save(path, tensors, metadata):
    # Wide elements first, so that every tensor begins at a multiple of its element size.
    element = lambda item: item[1].itemsize if isinstance(item[1], np.ndarray) else item[1].element_size()
    with whole(path) as part:
        write_file(part, dict(sorted(tensors.items(), key=element, reverse=True)), metadata)


def describe_sites(of, folders, run):
    """Writes features.safetensors into each of `folders` {layer: path}. Codes are kept under `run`/features/, so that what
    is cut or repeated with the same weights and texts does not compute them again."""
    streams = {stream.name: stream for stream in (of.written, of.dev, of.test)}
    texts = ''.join(hashlib.sha256(stream.ids).hexdigest() for stream in streams.values())
    into = run / 'features' / hashlib.sha256((json.dumps(of.weights) + texts).encode()).hexdigest()[:16]
    into.mkdir(parents=True, exist_ok=True)
    codes = {name: encode(of.model, of.saes, stream, into) for name, stream in streams.items()}
    chooser = Snippets(of.written, of.vocabulary, of.known, of.amount)
    dev, test = (
        Labelled(of.rules, of.vocabulary, stream.ids, stream.domain, stream.counted) for stream in (of.dev, of.test)
    )
    counted = {source: int(of.written.counted[of.written.source == source].sum()) for source in (MODEL, ARITHMETIC)}
    for layer, sae in of.saes.items():
        firings, held_out = Firings(codes['written'][layer], sae.width), Firings(codes['test'][layer], sae.width)
        maxima = firings.maxima()
        density = np.bincount(held_out.feature, test.weight[test.domain[held_out.positions]], sae.width)
        tensors = {
            'density.written': torch.from_numpy((firings.counts / sum(counted.values())).astype(np.float32)),
            'density.held_out': torch.from_numpy(density.astype(np.float32)),
            'maximum': torch.from_numpy(maxima),
            'histogram': firings.histogram(maxima),
            **promoted(of.model, sae, of.vocabulary),
            **neighbours(of.saes, layer),
            **labels(dev, test, codes['dev'][layer], held_out, sae.width),
            **snippets(chooser, codes['written'][layer], firings, maxima, layer),
        }
        tokens = dict(written=counted[MODEL], arithmetic=counted[ARITHMETIC], held_out=int(of.test.counted.sum()))
        metadata = {
            'format': 'lenslet-features-1',
            'layer': str(layer),
            'width': str(sae.width),
            'k': str(sae.k),
            'tokens': json.dumps(tokens),
            'label.rule': RULE.format(mix=of.rules.weighed),
            'bands': json.dumps(BANDS),
            'nearest.layers': json.dumps([site for site in of.saes if site != layer]),
            'weights_sha256': of.weights[str(layer)],
            'model_sha256': of.weights['model'],
        }
        path = folders[layer] / 'features.safetensors'
        save(path, compacted(tensors) if of.compact else tensors, metadata)
        report(layer, tensors, path.stat().st_size)
