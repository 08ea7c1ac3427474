"""Labels by rule: what a feature fires on, said by a predicate over a token in its text that no model decides.

A rule is a test and a kind of text. Tests: the token is one of up to four, the token before or after it is, or a named
class or position. For every feature the rule of the highest F1 on the dev texts is chosen, each further token and each
kind at a small price so that the shorter rule wins a tie; its precision and recall are then those on the test texts,
which had no part in the choice. A feature has no label where it fires less often than `FIRINGS` says, or where
precision or recall, on either, are below `PRECISION` and `RECALL`: a rule that is nearly always wrong, or leaves nearly
everything unsaid, would mislead.

Tokens count by domain as in the mix: a domain's tokens together weigh its share. What rules can say is in
`bilingual.py` for lenslet-mini, and in `real/english.py`.
"""

import dataclasses
import re

import numpy as np

from features.rules import ANY, FIRST, LATER, WORDS
from files.tokens import byte_pieces, markers

FIRINGS = dict(dev=30, test=20)
PRECISION, RECALL = 0.5, 0.1
SET, CANDIDATES = 4, 24
TOKEN_PRICE, KIND_PRICE = 0.01, 0.02
CELLS = 1 << 24  # features times words that are counted at once
MARK = '\0'  # before each text, where it is no token of the vocabulary


class Vocabulary:
    """The tokens of a model folder. `end`: the marker before each text; None: texts are windows, with a mark before each
    that is an id of its own behind the vocabulary's."""

    def __init__(self, folder, end='<|endoftext|>'):
        pieces = byte_pieces(folder)
        self.size = len(pieces)
        if end is None:
            pieces.append(MARK.encode())
        self.texts = [piece.decode('utf-8', 'replace') for piece in pieces]
        self.split = np.array(['\ufffd' in text for text in self.texts])  # not whole characters
        self.later = np.array([0x80 <= piece[0] < 0xC0 for piece in pieces])  # begins inside a character
        self.special = np.isin(np.arange(len(pieces)), list(markers(folder).values()))
        self.end = self.size if end is None else self.texts.index(end)
        # A word of a rule is what is left of a token without one leading space: “the” holds at both of its tokens.
        words = [text[1:] if text[0] == ' ' and len(text) > 1 else text for text in self.texts]
        self.words = sorted(set(words))
        places = {word: place for place, word in enumerate(self.words)}
        self.word_of = np.array([places[word] for word in words])
        self.unsayable = np.array(['\ufffd' in word or (end is None and word == MARK) for word in self.words])

    def quoted(self, word):
        shown = self.words[word].replace(' ', '␣').replace('\n', '↵').replace('\t', '⇥').replace('\u3000', '␣')
        return f'‘{shown}’' if '“' in shown or '”' in shown else f'“{shown}”'


@dataclasses.dataclass
class Rule:
    """`test`: the name of one, or of WORDS with `words`. `kind`: a phrase of the rules' kinds."""

    test: str
    kind: str
    words: tuple = ()

    def text(self, vocabulary):
        if self.test in WORDS:
            subject = WORDS[self.test] + ', '.join(vocabulary.quoted(word) for word in self.words)
        else:
            subject = self.test
        return f'{subject} {self.kind}'.strip()


class Labelled:
    """Texts of known domains, and what every rule says of them.

    `ids` [N] as read, the vocabulary's `end` before each text; `domain` [N]: place in the rules' domains; `counted` [N]:
    positions that have codes."""

    def __init__(self, rules, vocabulary, ids, domain, counted):
        self.rules, self.vocabulary, self.ids, self.domain, self.counted = rules, vocabulary, ids, domain, counted
        tokens = np.bincount(domain[counted], minlength=len(rules.domains))
        shares = np.array(list(rules.mix.values())) * (tokens > 0)
        self.weight = shares / shares.sum() / np.maximum(tokens, 1)  # of one position, by domain
        self.weights = self.weight[domain]  # of every position
        word = vocabulary.word_of[ids].astype(np.int32)
        self.words = {'is': word, 'after': np.append(word[:1], word[:-1]), 'before': np.append(word[1:], word[:1])}
        self.named = self.places()

    def places(self):
        """Named tests as masks [N]."""
        text = [self.vocabulary.texts[id] for id in self.ids.tolist()]
        offsets = np.cumsum([0] + [len(part) for part in text])
        text = ''.join(text)
        masks = {ANY: np.ones(len(self.ids), bool)}
        for name, pattern in self.rules.classes.items():
            masks[name] = np.array([re.fullmatch(pattern, part) is not None for part in self.vocabulary.texts])[
                self.ids
            ]
        for name, pattern in self.rules.places.items():
            spans = np.array([match.span(1) for match in re.finditer(pattern, text)], np.int64).reshape(-1, 2)
            first = np.searchsorted(offsets, spans[:, 0], 'right') - 1
            last = np.searchsorted(offsets, spans[:, 1], 'left')
            edges = np.bincount(first, minlength=len(self.ids) + 1) - np.bincount(last, minlength=len(self.ids) + 1)
            masks[name] = edges.cumsum()[:-1] > 0
        masks[FIRST] = (self.vocabulary.split & ~self.vocabulary.later)[self.ids]
        masks[LATER] = (self.vocabulary.split & self.vocabulary.later)[self.ids]
        place = np.arange(len(self.ids))
        since = place - np.maximum.accumulate(np.where(self.ids == self.vocabulary.end, place, 0))
        masks[self.rules.early] = (since > 0) & (since <= 4)
        return {name: mask & self.counted for name, mask in masks.items()}

    def holds(self, rule):
        """Where a rule holds, [N]."""
        if rule.test in WORDS:
            mask = marks(rule.words, len(self.vocabulary.words))[self.words[rule.test]] & self.counted
        else:
            mask = self.named[rule.test]
        domains = self.rules.domains
        return mask & marks([domains.index(name) for name in self.rules.kinds[rule.kind]], len(domains))[self.domain]

    def judge(self, rule, firings):
        """Precision and recall of a rule for the positions where a feature fires."""
        holds = self.holds(rule)
        right = self.weights[firings] @ holds[firings]
        return right / max(self.weights @ holds, 1e-12), right / max(self.weights[firings].sum(), 1e-12)


def marks(places, size):
    out = np.zeros(size, bool)
    out[list(places)] = True
    return out


def f1(right, fires, holds):
    return 2 * right / np.maximum(fires + holds, 1e-12)


class Choice:
    """The best rule so far of every feature. `fires` [width]: weight of the positions where a feature fires."""

    def __init__(self, fires):
        self.fires = np.maximum(fires, 1e-12)[:, None]
        self.score, self.rules = np.zeros(len(fires)), [None] * len(fires)

    def offer(self, right, holds, price, rule):
        """right, holds [width, kinds]: weights of the positions where a rule is right and where it holds;
        `rule(feature, kind)` makes the rule of a feature and the place of a kind once it has won."""
        allowed = (right >= PRECISION * holds) & (right >= RECALL * self.fires)
        kind_price = KIND_PRICE * (np.arange(right.shape[1]) > 0)
        scores = np.where(allowed, f1(right, self.fires, holds) - price - kind_price, 0)
        kinds = scores.argmax(1)
        for feature in np.flatnonzero(scores.max(1) > self.score):
            self.score[feature] = scores[feature, kinds[feature]]
            self.rules[feature] = rule(feature, kinds[feature])


def choose(dev, ids, values, width):
    """A rule or None for each feature. ids, values [N, k]: the codes of `dev`; a value of 0 is no firing."""
    position, slot = np.nonzero(values)
    feature, domain = ids[position, slot].astype(np.int64), dev.domain[position].astype(np.int64)
    phrases, domains, members = list(dev.rules.kinds), len(dev.rules.domains), dev.rules.members

    def weigh(index, size, where):
        """Weight of positions of domains `where` by index and kind, [size, kinds]."""
        counts = np.bincount(index * domains + where, minlength=size * domains).reshape(size, -1)
        return counts * dev.weight @ members

    choice = Choice(weigh(feature, width, domain)[:, 0])
    for name, mask in dev.named.items():
        inside = mask[position]
        holds = weigh(np.zeros(mask.sum(), np.int64), 1, dev.domain[mask])
        choice.offer(weigh(feature[inside], width, domain[inside]), holds, 0, lambda _, kind: Rule(name, phrases[kind]))
    for test in WORDS:
        word, count = dev.words[test], len(dev.vocabulary.words)
        totals = weigh(word[dev.counted], count, dev.domain[dev.counted])  # [words, kinds]
        likely, place = likely_words(
            feature, word[position], dev.weight[domain], (width, count), dev.vocabulary.unsayable
        )
        kept = place >= 0
        right = weigh(feature[kept] * CANDIDATES + place[kept], width * CANDIDATES, domain[kept]).reshape(
            width, CANDIDATES, -1
        )
        right, holds, sets = grow(right, totals[likely], choice.fires)
        chosen = lambda feature, kind: tuple(int(likely[feature, place]) for place in sets[feature, kind] if place >= 0)
        price = TOKEN_PRICE * ((sets >= 0).sum(2) - 1)
        choice.offer(right, holds, price, lambda feature, kind: Rule(test, phrases[kind], chosen(feature, kind)))
    enough = np.bincount(feature, minlength=width) >= FIRINGS['dev']
    return [rule if ok else None for rule, ok in zip(choice.rules, enough)]


def likely_words(feature, word, weight, size, left_out):
    """Of each feature the CANDIDATES words with the most weight of firings, [width, CANDIDATES]; of each firing the place
    of its word among them, -1 where it is none. `size`: width and number of words. Features are taken in blocks, so
    that the counts of a large vocabulary stay small."""
    width, count = size
    likely, place = np.zeros((width, CANDIDATES), np.int64), np.full(len(feature), -1, np.int8)
    block = max(1, CELLS // count)
    for first in range(0, width, block):
        rows = min(block, width - first)
        inside = np.flatnonzero((feature >= first) & (feature < first + rows))
        row, column = feature[inside] - first, word[inside]
        joint = np.bincount(row * count + column, weight[inside], rows * count).reshape(rows, count)
        joint[:, left_out] = -1
        found = np.argpartition(-joint, CANDIDATES, 1)[:, :CANDIDATES]
        slots = np.full((rows, count), -1, np.int8)
        np.put_along_axis(slots, found, np.arange(CANDIDATES, dtype=np.int8)[None], 1)
        likely[first : first + rows], place[inside] = found, slots[row, column]
    return likely, place


def grow(right, totals, fires):
    """Token sets by greedy F1. right, totals [width, CANDIDATES, kinds]; gives the sets' own [width, kinds], and their
    members [width, kinds, SET], the strongest first, -1 where a set is smaller."""
    width, _, kinds = right.shape
    found, held, score = np.zeros((width, kinds)), np.zeros((width, kinds)), np.zeros((width, kinds))
    free, members = np.ones(right.shape, bool), np.full((width, kinds, SET), -1)
    for size in range(SET):
        scores = np.where(
            free, f1(found[:, None] + right, fires[:, None], held[:, None] + totals) - TOKEN_PRICE * size, -1
        )
        best = scores.argmax(1)[:, None]  # [width, 1, kinds]
        take = lambda of: np.take_along_axis(of, best, 1)[:, 0]
        better = take(scores) > score
        members[:, :, size] = np.where(better, best[:, 0], -1)
        score = np.where(better, take(scores), score)
        found, held = found + better * take(right), held + better * take(totals)
        np.put_along_axis(free, best, False, 1)
    return found, held, members


def measure(test, rules, firings):
    """[(text, precision, recall)] of each feature on `test`; ('', 0, 0) where the rule does not stand. firings[f]:
    positions."""
    out = []
    for rule, where in zip(rules, firings):
        precision, recall = test.judge(rule, where) if rule and len(where) >= FIRINGS['test'] else (0, 0)
        stands = precision >= PRECISION and recall >= RECALL
        out.append((rule.text(test.vocabulary), precision, recall) if stands else ('', 0.0, 0.0))
    return out
