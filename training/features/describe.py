"""What is shown of every feature of a model's dictionaries: `training/cpu.sh -m features.describe --model FOLDER
--run RUN`, after written.py.

FOLDER/sae/SITE/features.safetensors comes out beside each SAE: densities, maximum and histogram of the firings, tokens
promoted and suppressed, similar features here and at the other sites, a label by rule (labels.py), and snippets of
texts the model wrote itself or that were generated, at the top firings and in bands below them. No text of a corpus is
in it. training/README.md lists the tensors.

Every text is read in windows of up to WINDOW of its own tokens, the <|endoftext|> that ends it included; a window's
position 0 counts nowhere. Codes are kept under RUN/features/, so that a run that is cut or repeated with the same
weights does not compute them again.
"""

import argparse
import dataclasses
import hashlib
import json
import pathlib
import time

import numpy as np
import torch

from data.batches import Texts
from features import written
from features.labels import DOMAINS, RULE, Labelled, Vocabulary, choose, measure
from files.tensors import write_file
from files.whole import sha256, whole
from model.sampler import open_model
from reference.sae import open_saes

WINDOW, BATCH, CHUNK = 256, 16384, 2048
BINS, PROMOTED, SIMILAR = 32, 10, 5
# Snippets: the top firings, then some of each band (quantiles of the feature's firings). At most one of a text, and
# none whose peak has the same SAME tokens on both sides as another's.
BANDS = ((0.75, 0.95), (0.5, 0.75), (0, 0.5))
TOP, EACH, TRIES = 8, 4, 200
BEFORE, AFTER, SHORTEST, SAME = 14, 7, written.NGRAM, 3
MODEL, ARITHMETIC = 0, 1  # snippet.source


@dataclasses.dataclass
class Stream:
    """Texts one after another, <|endoftext|> before each. `rows`: where a new row begins, so that the text before it
    was cut, not ended. `source`, `domain` [N]: MODEL or ARITHMETIC of what was written, place in DOMAINS of real
    texts."""

    name: str
    end: int
    ids: np.ndarray
    rows: np.ndarray
    source: np.ndarray = None
    domain: np.ndarray = None

    def __post_init__(self):
        place = np.arange(len(self.ids))
        ends = np.flatnonzero(self.ids == self.end)
        self.starts = ends + 1  # of texts
        closed = np.append(ends[1:], len(self.ids))
        self.stops = closed + ~np.isin(closed, np.append(self.rows, len(self.ids)))
        self.text = np.searchsorted(ends, place, 'left') - 1  # the <|endoftext|> that ends a text is part of it
        self.windows = np.array(
            [
                (at, min(at + WINDOW, stop))
                for start, stop in zip(self.starts, self.stops)
                for at in range(start, stop, WINDOW)
            ]
        )
        self.windows = self.windows[self.windows[:, 1] - self.windows[:, 0] > 1]
        begun = np.zeros(len(self.ids) + 1, np.int32)
        np.add.at(begun, self.windows[:, 0] + 1, 1)
        np.add.at(begun, self.windows[:, 1], -1)
        self.counted = begun.cumsum()[:-1] > 0


def own(run):
    rows, arithmetic = written.read(run)
    ids = np.concatenate([rows.reshape(-1), arithmetic])
    source = np.repeat(np.array([MODEL, ARITHMETIC], np.uint8), [rows.size, len(arithmetic)])
    return Stream(
        'written',
        written.end_of_text(run / 'tokenizer'),
        ids,
        np.arange(0, rows.size + 1, rows.shape[1]),
        source=source,
    )


def real(run, split):
    texts = Texts(run, split).ids
    sizes = [len(texts[name]) for name in DOMAINS]
    ids = np.concatenate([texts[name] for name in DOMAINS])
    return Stream(
        split,
        written.end_of_text(run / 'tokenizer'),
        ids,
        np.cumsum([0, *sizes]),
        domain=np.repeat(np.arange(len(DOMAINS)), sizes),
    )


def top(sae, h):
    """ids uint16 and values float32 [T, k] of residuals in float32; 0 where a slot has no positive pre-activation."""
    values, ids = torch.topk(sae.preactivations(h), sae.k)
    return ids.numpy().astype(np.uint16), values.clamp(min=0).numpy()


@torch.no_grad()
def encode(model, saes, stream, into):
    """Codes of every counted position of a stream at every site, from one pass over the blocks below the last one:
    memory-mapped files ids uint16 and values float32 [N, k] by layer. Positions that do not count have values of 0."""

    def parts(mode):
        array = lambda layer, name, dtype: np.lib.format.open_memmap(
            into / f'{stream.name}-{layer}-{name}.npy', mode, dtype, (len(stream.ids), saes[layer].k)
        )
        return {layer: (array(layer, 'ids', np.uint16), array(layer, 'values', np.float32)) for layer in saes}

    done = into / f'{stream.name}.done'
    if done.exists():
        return parts('r')
    codes, began, read = parts('w+'), time.time(), 0
    windows = stream.windows[
        np.argsort(stream.windows[:, 0] - stream.windows[:, 1], kind='stable')
    ]  # the longest first
    rows = BATCH // WINDOW
    for at in range(0, len(windows), rows):
        batch = windows[at : at + rows]
        lengths = batch[:, 1] - batch[:, 0]
        fed = np.zeros((len(batch), lengths[0]), np.int64)
        for row, (begin, end) in enumerate(batch):
            fed[row, : end - begin] = stream.ids[begin:end]
        kept = np.arange(1, lengths[0])[None] < lengths[:, None]
        places = (batch[:, :1] + np.arange(1, lengths[0])[None])[kept]
        residuals = {}

        def site(layer, h):
            if layer in saes:
                residuals[layer] = h[:, 1:].float()[torch.from_numpy(kept)]
            return h

        with torch.autocast('cpu', dtype=torch.bfloat16):
            model.blocks(model.model.embed_tokens(torch.from_numpy(fed)), last=max(saes) + 1, site=site)
        for layer, sae in saes.items():
            for begin in range(0, len(places), CHUNK):
                part = slice(begin, begin + CHUNK)
                codes[layer][0][places[part]], codes[layer][1][places[part]] = top(sae, residuals[layer][part])
        read += len(places)
    done.touch()
    print(f'{stream.name}: {read} positions, {read / (time.time() - began):.0f} a second', flush=True)
    return parts('r')


class Firings:
    """The codes of one site on one stream, by feature: positions and values of feature f at begin[f]:begin[f + 1]."""

    def __init__(self, codes, width):
        ids, values = codes
        fired = values > 0
        feature = ids[fired]
        order = np.argsort(feature, kind='stable')
        self.feature, self.values = feature[order], values[fired][order]
        self.positions = np.repeat(np.arange(len(ids), dtype=np.uint32), fired.sum(1))[order]
        self.counts = np.bincount(feature, minlength=width)
        self.begin = np.concatenate([[0], self.counts.cumsum()])

    def of(self, feature):
        part = slice(self.begin[feature], self.begin[feature + 1])
        return self.positions[part], self.values[part]

    def maxima(self):
        out = np.zeros(len(self.counts), np.float32)
        live = np.flatnonzero(self.counts)
        out[live] = np.maximum.reduceat(self.values, self.begin[live]) if len(live) else 0
        return out

    def histogram(self, maxima):
        """Firings in BINS equal bins of (0, maximum], [width, BINS]."""
        bins = np.ceil(self.values / maxima[self.feature] * BINS).clip(1, BINS).astype(np.int64) - 1
        return (
            np.bincount(self.feature.astype(np.int64) * BINS + bins, minlength=len(maxima) * BINS)
            .reshape(-1, BINS)
            .astype(np.uint32)
        )


class Snippets:
    """Chooses where a feature is shown, in the stream of what was written."""

    def __init__(self, stream, vocabulary, training):
        self.stream, self.ids = stream, stream.ids
        self.inside = np.append(vocabulary.later[stream.ids], False)  # a token begins inside a character
        repeated = training.repeats(stream.ids) & (stream.source == MODEL)
        self.repeated = np.concatenate([[0], repeated.cumsum()])
        print(
            f'repeated from training corpora, {written.NGRAM} tokens or more: {repeated.mean():.3%} of positions',
            flush=True,
        )

    def cut(self, peak):
        """The snippet around a position: its begin and end, within the text; None where it would be short or repeat a
        training text."""
        text = self.stream.text[peak]
        start, stop = self.stream.starts[text], self.stream.stops[text]
        begin = max(start, peak - BEFORE)
        end = min(stop, max(peak + AFTER + 1, begin + SHORTEST))
        begin = max(start, min(begin, end - SHORTEST))
        while begin < peak and self.inside[begin]:
            begin += 1
        while begin > start and self.inside[begin]:  # the peak itself is inside a character
            begin -= 1
        while end > peak + 1 and end < stop and self.inside[end]:
            end -= 1
        while end < stop and self.inside[end]:
            end += 1
        if end - begin < SHORTEST or self.repeated[end - SHORTEST + 1] > self.repeated[begin]:
            return None
        return begin, end

    def choose(self, positions, values, seed):
        """[(band, begin, end, peak)] for the firings of one feature."""
        order = np.argsort(-values, kind='stable')
        rng, texts, contexts, out = np.random.default_rng(seed), set(), set(), []

        def take(band, places, most):
            taken = 0
            for peak in positions[places].tolist():
                context = self.ids[max(0, peak - SAME) : peak + SAME + 1].tobytes()
                if taken == most or self.stream.text[peak] in texts or context in contexts:
                    continue
                span = self.cut(peak)
                if span is not None:
                    texts.add(self.stream.text[peak])
                    contexts.add(context)
                    out.append((band, *span, peak))
                    taken += 1

        take(0, order[:TRIES], TOP)
        for band, (low, high) in enumerate(BANDS, 1):
            within = order[int(np.ceil(len(order) * (1 - high))) : int(np.ceil(len(order) * (1 - low)))]
            take(
                band,
                rng.permutation(within)[: TRIES // 4] if len(within) < 4000 else rng.choice(within, TRIES // 4),
                EACH,
            )
        return out


def values_at(codes, positions, features):
    """The latent of one feature at each position, 0 where it is not in the top-k."""
    ids, values = codes
    out = np.zeros(len(positions), np.float32)
    for at in range(0, len(positions), 1 << 16):
        part = slice(at, at + (1 << 16))
        out[part] = (values[positions[part]] * (ids[positions[part]] == features[part, None])).max(1)
    return out


def snippets(chooser, codes, firings, maxima, layer):
    chosen = [chooser.choose(*firings.of(feature), [layer, feature]) for feature in range(len(maxima))]
    flat = np.array([snippet for card in chosen for snippet in card], np.int64).reshape(-1, 4)
    band, begin, end, peak = flat.T
    owner = np.repeat(np.arange(len(maxima)), [len(card) for card in chosen])
    sizes = end - begin
    first = np.concatenate([[0], sizes.cumsum()])
    positions = np.repeat(begin - first[:-1], sizes) + np.arange(first[-1])
    features = np.repeat(owner, sizes)
    shares = values_at(codes, positions, features) / np.maximum(maxima[features], 1e-30)
    return {
        'snippet.first': np.concatenate([[0], np.bincount(owner, minlength=len(maxima)).cumsum()]).astype(np.uint32),
        'snippet.begin': first.astype(np.uint32),
        'snippet.source': chooser.stream.source[peak],
        'snippet.band': band.astype(np.uint8),
        'snippet.peak': (peak - begin).astype(np.uint8),
        'snippet.tokens': chooser.ids[positions],
        'snippet.values': np.where(shares > 0, np.rint(shares * 255).clip(1, 255), 0).astype(np.uint8),
    }


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
    chooser = Snippets(own_texts, vocabulary, written.TrainingText(run))
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
