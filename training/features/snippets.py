"""Where features are shown: the top firings, then some of each band (quantiles of the feature's firings). At most one
snippet of a text, and none whose peak has the same SAME tokens on both sides as another's."""

import dataclasses

import numpy as np

from features.firings import MODEL
from features.repeats import NGRAM

BANDS = ((0.75, 0.95), (0.5, 0.75), (0, 0.5))
TRIES, SHORTEST, SAME = 200, NGRAM, 3


@dataclasses.dataclass(frozen=True)
class Amount:
    """Snippets of a feature at its top firings and in each band, and their tokens before and after the peak."""

    top: int = 8
    each: int = 4
    before: int = 14
    after: int = 7


class Snippets:
    """Chooses where a feature is shown, in the stream of what was written."""

    def __init__(self, stream, vocabulary, training, amount=Amount()):
        self.stream, self.ids, self.amount = stream, stream.ids, amount
        self.inside = np.append(vocabulary.later[stream.ids], False)  # a token begins inside a character
        repeated = training.repeats(stream.ids) & (stream.source == MODEL)
        self.repeated = np.concatenate([[0], repeated.cumsum()])
        print(f'repeated from training corpora, {NGRAM} tokens or more: {repeated.mean():.3%} of positions', flush=True)

    def cut(self, peak):
        """The snippet around a position: its begin and end, within the text; None where it would be short or repeat a
        training text."""
        text = self.stream.text[peak]
        start, stop = self.stream.starts[text], self.stream.stops[text]
        begin = max(start, peak - self.amount.before)
        end = min(stop, max(peak + self.amount.after + 1, begin + SHORTEST))
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

        take(0, order[:TRIES], self.amount.top)
        for band, (low, high) in enumerate(BANDS, 1):
            within = order[int(np.ceil(len(order) * (1 - high))) : int(np.ceil(len(order) * (1 - low)))]
            take(
                band,
                rng.permutation(within)[: TRIES // 4] if len(within) < 4000 else rng.choice(within, TRIES // 4),
                self.amount.each,
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
