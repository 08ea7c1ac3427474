"""Where features fire: the texts that are read, and the codes of their positions.

Every text is read in windows of up to WINDOW of its own tokens, the <|endoftext|> that ends it included; a window's
position 0 counts nowhere.
"""

import dataclasses
import time

import numpy as np
import torch

from data.batches import Texts
from features import written
from features.labels import DOMAINS

WINDOW, BATCH, CHUNK = 256, 16384, 2048
BINS = 32
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
    # The longest first.
    windows = stream.windows[np.argsort(stream.windows[:, 0] - stream.windows[:, 1], kind='stable')]
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
