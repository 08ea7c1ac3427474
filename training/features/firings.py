"""Where features fire: the texts that are read, and the codes of their positions.

Every text is read in windows of up to WINDOW of its own tokens, the token that ends it included; a window's position 0
counts nowhere, and neither does what a model calls an attention sink.
"""

import dataclasses
import time

import numpy as np
import torch

from files.whole import whole

WINDOW, BATCH, CHUNK = 256, 16384, 2048
BINS = 32
MODEL, ARITHMETIC = 0, 1  # snippet.source


@dataclasses.dataclass
class Stream:
    """Texts one after another, the token `end` before each. `rows`: where a new row begins, so that the text before it
    was cut, not ended. `source`, `domain` [N]: MODEL or ARITHMETIC of what was written, place in the rules' domains of
    real texts."""

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
        self.text = np.searchsorted(ends, place, 'left') - 1  # the token that ends a text is part of it
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


def of_windows(name, end, windows, given=None, **of):
    """A stream of windows [N, WINDOW] that are read as they are; `end` is no token of theirs. The first `given` [N] tokens
    of each count nowhere. What holds of a window is given once for each in `of`."""
    ids = np.concatenate([np.full((len(windows), 1), end, windows.dtype), windows], 1)
    spread = {key: np.repeat(values, ids.shape[1]) for key, values in of.items()}
    stream = Stream(name, end, ids.reshape(-1), np.arange(0, ids.size + 1, ids.shape[1]), **spread)
    if given is not None:
        stream.counted &= (np.arange(ids.shape[1])[None] > given.astype(int)[:, None]).reshape(-1)
    return stream


def top(sae, h):
    """ids uint16 and values float32 [T, k] of residuals in float32; 0 where a slot has no active feature."""
    values, ids = torch.topk(sae.preactivations(h), sae.k)
    return ids.numpy().astype(np.uint16), sae.active(values, ids).numpy()


@torch.no_grad()
def encode(model, saes, stream, into):
    """Codes of every counted position of a stream at every site: memory-mapped files ids uint16 and values float32 [N, k]
    by layer. Positions that do not count have values of 0. From now on sinks are among these in the stream itself: a
    sink of one site counts at none.

    `model.residuals(ids [B, T], layers)` gives {layer: float32 [B, T, d]}; `model.sinks(layer, h [T, d])`, bool [T],
    which of them are sinks."""

    def parts(mode):
        array = lambda layer, name, dtype: np.lib.format.open_memmap(
            into / f'{stream.name}-{layer}-{name}.npy', mode, dtype, (len(stream.ids), saes[layer].k)
        )
        return {layer: (array(layer, 'ids', np.uint16), array(layer, 'values', np.float32)) for layer in saes}

    done, sinks = into / f'{stream.name}-sinks.npy', np.zeros(len(stream.ids), bool)
    if done.exists():
        sinks[np.load(done)] = True
        stream.counted &= ~sinks
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
        found = model.residuals(torch.from_numpy(fed), saes)
        for layer, sae in saes.items():
            residuals = found[layer][:, 1:][torch.from_numpy(kept)]
            sinks[places] |= model.sinks(layer, residuals).numpy()
            for begin in range(0, len(places), CHUNK):
                part = slice(begin, begin + CHUNK)
                codes[layer][0][places[part]], codes[layer][1][places[part]] = top(sae, residuals[part])
        read += len(places)
    for _, values in codes.values():
        values[sinks | ~stream.counted] = 0
    with whole(done) as part, open(part, 'wb') as file:
        np.save(file, np.flatnonzero(sinks))
    stream.counted &= ~sinks
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
