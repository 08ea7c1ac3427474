"""Labels by rule: what a feature fires on, said by a predicate over a token in its text that no model decides.

A rule is a test and a kind of text. Tests: the token is one of up to four, the token before or after it is, or a named
class or position (`NAMED`). For every feature the rule of the highest F1 on the dev texts is chosen, each further token
and each kind at a small price so that the shorter rule wins a tie; its precision and recall are then those on the test
texts, which had no part in the choice. A feature has no label where it fires less often than `FIRINGS` says, or where
precision or recall, on either, are below `PRECISION` and `RECALL`: a rule that is nearly always wrong, or leaves nearly
everything unsaid, would mislead.

Tokens count by domain as in the mix (`data/batches.py`): a domain's tokens together weigh its share.
"""

import dataclasses
import re

import numpy as np

from data.batches import MIX
from files.tokens import byte_pieces

FIRINGS = dict(dev=30, test=20)
PRECISION, RECALL = 0.5, 0.1
SET, CANDIDATES = 4, 24
TOKEN_PRICE, KIND_PRICE = 0.01, 0.02
RULE = (
    'A label is a rule on the token and its text, chosen among listed rules by F1 on dev texts (30 firings or more). Precision: share of '
    'the test positions the rule holds at where the feature fires. Recall: share of the feature\'s test firings where the rule holds. '
    'Domains weigh as in the training mix. Labels with precision below .5, recall below .1 or fewer than 20 test firings are left out.'
)

DOMAINS = list(MIX)
KINDS = {
    '': DOMAINS,
    **{
        phrase: [name]
        for phrase, name in (
            ('in simple English prose', 'en_simple'),
            ('in English books', 'en_books'),
            ('in classical poems', 'zh_poem'),
            ('in classical novels', 'zh_novel'),
            ('in classical prose', 'zh_classical'),
            ('in the Bible', 'zh_bible'),
            ('in Chinese documentation', 'zh_docs'),
            ('in modern Chinese', 'zh_modern'),
            ('in English–Chinese pairs', 'tatoeba'),
            ('in word problems', 'gsm8k'),
            ('in arithmetic', 'arithmetic'),
            ('in chat', 'chat'),
        )
    },
    'in English prose': ['en_simple', 'en_books'],
    'in classical Chinese': ['zh_poem', 'zh_novel', 'zh_classical'],
    'in Chinese prose': ['zh_novel', 'zh_classical', 'zh_bible', 'zh_docs', 'zh_modern'],
    'in Chinese texts': ['zh_poem', 'zh_novel', 'zh_classical', 'zh_bible', 'zh_docs', 'zh_modern'],
}
MEMBERS = np.array([[name in members for members in KINDS.values()] for name in DOMAINS], float)  # [domains, kinds]

H = '[\u4e00-\u9fff]'
STOP = '，。！？；：、'
TIMES, PLUS, MINUS, OVER = '(?: ?[×*] ?| times |乘以)', '(?: ?\\+ ?| plus |加)', '(?: - )', '(?: ?/ ?)'
IS = '(?: ?= ?| is |等于)'
NTH = ('first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh')


def digits_of(name, operation):
    """Digits of the results of `a operation b =`, by place from the left, and the last of two or more; no steps
    written out between."""
    step = rf'(?!\d*(?:{TIMES}|{PLUS})\d)'
    places = {
        f'{NTH[n]} digits of {name}': rf'\d{operation}\d+{IS}\d{{{n}}}(\d){step}'
        for n in range(4 if operation == TIMES else 3)
    }
    return {**places, f'last digits of {name}': rf'\d{operation}\d+{IS}\d+(\d)(?!\d){step}'}


# What a token is, by its own text.
CLASSES = {
    'Han characters': f'{H}+',
    'Latin words': ' ?[A-Za-z]+',
    'capitalised words': ' ?[A-Z][a-z]*',
    'starts of English words': ' [A-Za-z]+',
    'later parts of English words': '[a-z]+',
    'digits': r'\d',
    'even digits': '[02468]',
    'signs of arithmetic': ' ?[-+×*/=]',
    'punctuation': r' ?[^\w\s\ufffd]+[\r\n]*',
    'Chinese punctuation': f'[{STOP}“”‘’《》「」（）…—]+\n*',
    'English punctuation': ' ?[,.;:!?\'"()-]+\n*',
    'ends of sentences': ' ?[.!?。！？]+[”’"\')」]*\n*',
    'line breaks': '(?s:.*\n)',
    'special markers': r'<\|\w+\|>',
}

# Where a token stands: it overlaps the first group of the pattern. Only what is read here decides, spelled in the
# texts' own characters.
PLACES = {
    'ends of lines': r'([^\n])(?=\n|<\|endoftext)',
    'starts of lines': r'(?<=\n)([^\n<])',
    'last characters of clauses': f'({H})(?=[{STOP}\n])',
    'last characters of lines': f'({H})(?=[{STOP}]?(?:\n|<\\|endoftext))',
    **{
        f'{nth} characters of clauses': f'(?:^|(?<=[{STOP}\n]))[\u4e00-\u9fff\ufffd]{{{place}}}({H})'
        for place, nth in enumerate(NTH)
    },
    'first lines': r'(?<=<\|endoftext\|>)([^\n<]+)\n',
    'second lines': r'(?<=<\|endoftext\|>)[^\n<]+\n([^\n<]+)\n',
    'starts of sentences': r'(?:(?<=[.!?]) |(?<=[。！？\n]))([^\s.!?。！？<])',
    'the token after a question mark': r'(?<=[?？])([\s\S])',
    'questions': r'([^.!?。！？\n<>]+)[?？]',
    'quotations': '(?:“([^”\n]{1,600})”)',
    'English quotations': '(?<!\\S)"([^"\n]{1,600})"',
    'titles in 《》': '《([^》\n]{1,60})》',
    'the assistant’s turn': r'<\|im_start\|>assistant\n((?:(?!<\|)[\s\S])+)',
    'the user’s turn': r'<\|im_start\|>user\n((?:(?!<\|)[\s\S])+)',
    'starts of answers': r'<\|im_start\|>assistant\n([\s\S])',
    'roles': r'<\|im_start\|>(\w+)',
    'first factors': rf'(\d+)(?={TIMES}\d)',
    'last digits of first factors': rf'(\d)(?={TIMES}\d)',
    'second factors': rf'\d{TIMES}(\d+)',
    'first digits of second factors': rf'\d{TIMES}(\d)',
    'last digits of second factors': rf'\d{TIMES}\d*(\d)(?!\d)',
    'numbers before “+”': rf'(\d+)(?={PLUS}\d)',
    'numbers after “+”': rf'\d{PLUS}(\d+)',
    'numbers before “-”': rf'(\d+)(?={MINUS}\d)',
    'numbers after “-”': rf'\d{MINUS}(\d+)',
    'results': rf'{IS}(\d+)',
    'first digits of results': rf'{IS}(\d)',
    'second digits of results': rf'{IS}\d(\d)',
    'third digits of results': rf'{IS}\d\d(\d)',
    'last digits of results': rf'{IS}\d+(\d)(?!\d)',
    **digits_of('products', TIMES),
    **digits_of('sums', PLUS),
    **digits_of('differences', MINUS),
    'digits of quotients': rf'\d{OVER}\d+{IS}(\d+)',
    'ones digits': r'(\d)(?!\d)',
    'tens digits': r'(\d)(?=\d(?!\d))',
    'hundreds digits': r'(\d)(?=\d\d(?!\d))',
    'first digits of numbers': r'(?<!\d)(\d)(?=\d)',
    'second digits of numbers': r'(?<!\d)\d(\d)',
    'numbers in lists': r'(\d+), (?=\d)',
    'spaces before a digit': r'( )(?=\d)',
}
FIRST, LATER = 'first parts of split characters', 'later parts of split characters'
EARLY = 'the first tokens of a text'
ANY = 'any token'
NAMED = [ANY, *CLASSES, *PLACES, FIRST, LATER, EARLY]
WORDS = {'is': '', 'after': 'after ', 'before': 'before '}  # tests on a set of tokens, and how they read


class Vocabulary:
    def __init__(self, folder):
        pieces = byte_pieces(folder)
        self.texts = [piece.decode('utf-8', 'replace') for piece in pieces]
        self.split = np.array(['\ufffd' in text for text in self.texts])  # not whole characters
        self.later = np.array([0x80 <= piece[0] < 0xC0 for piece in pieces])  # begins inside a character
        self.special = np.array([re.fullmatch(CLASSES['special markers'], text) is not None for text in self.texts])
        self.end = self.texts.index('<|endoftext|>')
        # A word of a rule is what is left of a token without one leading space: “the” holds at both of its tokens.
        words = [text[1:] if text[0] == ' ' and len(text) > 1 else text for text in self.texts]
        self.words = sorted(set(words))
        places = {word: place for place, word in enumerate(self.words)}
        self.word_of = np.array([places[word] for word in words])

    def quoted(self, word):
        shown = self.words[word].replace(' ', '␣').replace('\n', '↵').replace('\t', '⇥').replace('\u3000', '␣')
        return f'‘{shown}’' if '“' in shown or '”' in shown else f'“{shown}”'


@dataclasses.dataclass
class Rule:
    """`test`: an entry of NAMED, or of WORDS with `words`. `kind`: an entry of KINDS."""

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

    `ids` [N] as read, <|endoftext|> before each text; `domain` [N]: place in DOMAINS; `counted` [N]: positions that
    have codes."""

    def __init__(self, vocabulary, ids, domain, counted):
        self.vocabulary, self.ids, self.domain, self.counted = vocabulary, ids, domain, counted
        tokens = np.bincount(domain[counted], minlength=len(DOMAINS))
        shares = np.array([MIX[name] for name in DOMAINS]) * (tokens > 0)
        self.weight = shares / shares.sum() / np.maximum(tokens, 1)  # of one position, by domain
        self.weights = self.weight[domain]  # of every position
        word = vocabulary.word_of[ids].astype(np.int32)
        self.words = {'is': word, 'after': np.append(word[:1], word[:-1]), 'before': np.append(word[1:], word[:1])}
        self.named = self.places()

    def places(self):
        """NAMED tests as masks [N]."""
        text = [self.vocabulary.texts[id] for id in self.ids.tolist()]
        offsets = np.cumsum([0] + [len(part) for part in text])
        text = ''.join(text)
        masks = {ANY: np.ones(len(self.ids), bool)}
        for name, pattern in CLASSES.items():
            masks[name] = np.array([re.fullmatch(pattern, part) is not None for part in self.vocabulary.texts])[
                self.ids
            ]
        for name, pattern in PLACES.items():
            spans = np.array([match.span(1) for match in re.finditer(pattern, text)], np.int64).reshape(-1, 2)
            first = np.searchsorted(offsets, spans[:, 0], 'right') - 1
            last = np.searchsorted(offsets, spans[:, 1], 'left')
            edges = np.bincount(first, minlength=len(self.ids) + 1) - np.bincount(last, minlength=len(self.ids) + 1)
            masks[name] = edges.cumsum()[:-1] > 0
        masks[FIRST] = (self.vocabulary.split & ~self.vocabulary.later)[self.ids]
        masks[LATER] = (self.vocabulary.split & self.vocabulary.later)[self.ids]
        place = np.arange(len(self.ids))
        since = place - np.maximum.accumulate(np.where(self.ids == self.vocabulary.end, place, 0))
        masks[EARLY] = (since > 0) & (since <= 4)
        return {name: mask & self.counted for name, mask in masks.items()}

    def holds(self, rule):
        """Where a rule holds, [N]."""
        if rule.test in WORDS:
            mask = marks(rule.words, len(self.vocabulary.words))[self.words[rule.test]] & self.counted
        else:
            mask = self.named[rule.test]
        return mask & marks([DOMAINS.index(name) for name in KINDS[rule.kind]], len(DOMAINS))[self.domain]

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
        `rule(feature, kind)` makes the rule of a feature and a place in KINDS once it has won."""
        allowed = (right >= PRECISION * holds) & (right >= RECALL * self.fires)
        scores = np.where(allowed, f1(right, self.fires, holds) - price - KIND_PRICE * (np.arange(len(KINDS)) > 0), 0)
        kinds = scores.argmax(1)
        for feature in np.flatnonzero(scores.max(1) > self.score):
            self.score[feature] = scores[feature, kinds[feature]]
            self.rules[feature] = rule(feature, kinds[feature])


def choose(dev, ids, values, width):
    """A rule or None for each feature. ids, values [N, k]: the codes of `dev`; a value of 0 is no firing."""
    position, slot = np.nonzero(values)
    feature, domain = ids[position, slot].astype(np.int64), dev.domain[position].astype(np.int64)
    phrases = list(KINDS)

    def weigh(index, size, where):
        """Weight of positions of domains `where` by index and kind, [size, kinds]."""
        counts = np.bincount(index * len(DOMAINS) + where, minlength=size * len(DOMAINS)).reshape(size, -1)
        return counts * dev.weight @ MEMBERS

    choice = Choice(weigh(feature, width, domain)[:, 0])
    for name, mask in dev.named.items():
        inside = mask[position]
        holds = weigh(np.zeros(mask.sum(), np.int64), 1, dev.domain[mask])
        choice.offer(weigh(feature[inside], width, domain[inside]), holds, 0, lambda _, kind: Rule(name, phrases[kind]))
    for test in WORDS:
        word, count = dev.words[test], len(dev.vocabulary.words)
        totals = weigh(word[dev.counted], count, dev.domain[dev.counted])  # [words, kinds]
        joint = np.bincount(feature * count + word[position], dev.weight[domain], width * count).reshape(width, count)
        joint[:, [place for place, text in enumerate(dev.vocabulary.words) if '\ufffd' in text]] = 0
        likely = np.argpartition(-joint, CANDIDATES, 1)[:, :CANDIDATES]  # [width, CANDIDATES]
        slots = np.full((width, count), -1, np.int8)
        np.put_along_axis(slots, likely, np.arange(CANDIDATES, dtype=np.int8)[None], 1)
        place = slots[feature, word[position]]
        kept = place >= 0
        right = weigh(feature[kept] * CANDIDATES + place[kept], width * CANDIDATES, domain[kept]).reshape(
            width, CANDIDATES, -1
        )
        right, holds, members = grow(right, totals[likely], choice.fires)
        chosen = lambda feature, kind: tuple(
            int(likely[feature, place]) for place in members[feature, kind] if place >= 0
        )
        price = TOKEN_PRICE * ((members >= 0).sum(2) - 1)
        choice.offer(right, holds, price, lambda feature, kind: Rule(test, phrases[kind], chosen(feature, kind)))
    enough = np.bincount(feature, minlength=width) >= FIRINGS['dev']
    return [rule if ok else None for rule, ok in zip(choice.rules, enough)]


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
