"""The three effects: what an edit should reach, on which prompts, and how that is read off what was written.

Every goal names
- `prompts[split]`: ids that the rates are taken on, `counted[split]` of them (50 of dev, 100 of test) and then others
  on which nothing should happen; `tokens` at most follow, up to `stop`,
- `contexts()`: dev texts as (ids, sign of every position), positive where a feature of the kind sought should fire,
- `probes` and `worth(log_p)`: prompts, and how far a next-token distribution after them leans to the goal, for a first
  look at the `contrasted` features that differ most by activation, and at those that are `named` besides; the groups
  begin with the first of these where `begins` says so,
- `edit(layer, feature, maximum)`: the edit that is tried of a feature, within what the feature does by itself,
- `read(split, rows)`: `hits`, one 0 or 1 a try, and other figures of what was written,
- `penalty(result, baseline, natural)`: what its damage takes off an edit's rate while choosing; `natural` is the
  unedited model's perplexity on `real()`, held-out dev text of the kind sought,
- `shows(prompt, ids)`: whether a text shows the effect; `beside(prompt)`: a text on which it must not show, and
  `others(arms)`: how often it did on such texts; `whole(ids)`: whether what was written is enough to tell,
- `title(edits)`, `tried`, `outcome` and `remark(arms)`: what the page calls the edits, what was counted, and what a
  claim says beside the rates.
"""

import json
import math
import pathlib
import random
import re

import torch

from data.arithmetic import product_pair
from data.heldout import two_by_one
from effects.arms import batches
from effects.corpus import HAN, LATIN, han_share, verse
from model.evaluate import answer, wilson

COUNTS = dict(dev=50, test=100)
CUTS = 16  # tokens of verse, at most, before the token that a probe asks for
CONTEXT = 128  # tokens of a document that features are looked for in
WRITTEN = json.loads((pathlib.Path(__file__).parent / 'prompts.json').read_text(encoding='utf-8'))


# Features that an earlier search chose, over strengths up to three times the maximum.
SUPPRESSED, VERSES = ((3, 1600),), ((3, 1001), (3, 662), (2, 1811))
# Fires on the second factor of a product, hardly on anything else: what the page's example shows first.
FACTOR = ((0, 650),)
SHOWN = '34 × 2 = '


def added(layer, feature, strength):
    return dict(layer=layer, feature=feature, mode='add', strength=round(strength, 3))


def directions(edits, one, several):
    """A title that says what is done."""
    return one.format('{layer}:{feature}'.format(**edits[0])) if len(edits) == 1 else several.format(len(edits))


def broken(result, baseline, natural):
    """A quarter for every doubling of perplexity beyond what real text of the kind sought has, or beyond the
    baseline's where that is more: then the edit does not lead to other text but out of text. An arm that writes nothing
    has reached nothing."""
    if result['perplexity'] is None:
        return 1.0
    return 0.25 * max(0.0, math.log2(result['perplexity'] / max(baseline['perplexity'], natural)))


def perplexities(arms):
    edited, baseline = (arms[name]['perplexity'] for name in ('edited', 'baseline'))
    return f'The unedited model gives what was written a perplexity of {edited:.0f} with the edit and {baseline:.0f} without.'


def varied(ids):
    """No loop: at least half of the tokens differ."""
    return 2 * len(set(ids)) >= len(ids)


def mean(values):
    values = [value for value in values if value is not None]
    return sum(values) / len(values) if values else None


class Prose:
    """A goal in running text: nothing is counted beside it, and any text is whole."""

    def beside(self, prompt):
        return None

    def others(self, arms):
        return None

    def whole(self, ids):
        return True

    penalty, remark = staticmethod(broken), staticmethod(perplexities)


class SuppressChinese(Prose):
    """English and Chinese lines of one meaning alternate, and the last line is English: the model goes on in
    Chinese."""

    name, tried, outcome = 'suppress-chinese', 'held-out prompts', 'go on in English'
    tokens, shown_tokens, temperature = 24, 24, 0.7
    LETTERS = 8
    sought = 'goes on in English (no Han character, 8 letters at least, no loop)'
    contrasted, named, begins, counted = 60, SUPPRESSED, False, COUNTS

    def __init__(self, corpus):
        self.corpus, self.stop = corpus, corpus.end
        self.prompts = {split: corpus.encode(self.blocks(split, count)) for split, count in COUNTS.items()}
        self.written = corpus.encode(WRITTEN[self.name])
        self.probes = self.prompts['dev']
        texts = [corpus.decode([number]) for number in range(len(corpus.pieces))]
        self.lean = torch.tensor([-1.0 if HAN.search(text) else 1.0 if LATIN.search(text) else 0.0 for text in texts])

    def pairs(self, document):
        lines = document.split('\n')
        pairs = list(zip(lines[::2], lines[1::2]))
        return pairs if all(LATIN.search(a) and not HAN.search(a) and HAN.search(b) for a, b in pairs) else []

    def blocks(self, split, count):
        """Two pairs and an English line with its line break; blocks of one document share no line."""
        paired = [self.pairs(document) for document in self.corpus.documents(split, 'tatoeba')]
        found = [
            ''.join(f'{a}\n{b}\n' for a, b in pairs[at : at + 2]) + pairs[at + 2][0] + '\n'
            for at in range(0, max(map(len, paired)), 3)
            for pairs in paired
            if len(pairs) > at + 2
        ]
        return found[:count]

    def contexts(self):
        """Positions whose next token is Chinese, against those whose next token is English."""
        take = lambda domain, count: self.corpus.documents('dev', domain)[:count]
        documents = [document for document in take('tatoeba', None) if self.pairs(document)]
        documents += take('zh_modern', 12) + take('zh_docs', 8) + take('en_simple', 16) + take('en_books', 8)
        encoded = [ids[: CONTEXT + 1] for ids in self.corpus.encode(documents)]
        return [(ids[:-1], (-self.lean[ids[1:]]).tolist()) for ids in encoded if len(ids) > 1]

    def edit(self, layer, feature, maximum):
        return added(layer, feature, -maximum)

    @staticmethod
    def title(edits):
        return directions(
            edits, 'Subtract the direction of {}: go on in English', 'Subtract {} directions: go on in English'
        )

    def real(self):
        return self.corpus.documents('dev', 'en_simple')[:40]

    def worth(self, log_p):
        return (log_p.exp() @ self.lean).mean(-1)

    def read(self, split, rows):
        texts = [self.corpus.decode(row) for row in rows]
        english = lambda text: not HAN.search(text) and len(LATIN.findall(text)) >= self.LETTERS
        return {
            'hits': [int(english(text) and varied(row)) for text, row in zip(texts, rows)],
            'withoutHan': mean([float(not HAN.search(text)) for text in texts]),
            'hanShare': mean([han_share(text) for text in texts]),
        }

    def shows(self, prompt, ids):
        return bool(self.read(None, [ids])['hits'][0])


class Verse(Prose):
    """Beginnings of modern Chinese sentences, which an edit turns to classical verse."""

    name, tried, outcome = 'verse', 'held-out prompts', 'turn to verse'
    tokens, shown_tokens, temperature = 40, 40, 0.7
    sought = 'writes verse (three different clauses running of equal length, 5 or 7 characters)'
    contrasted, named, begins, counted = 60, VERSES, False, COUNTS
    MODERN = ('zh_modern', 'tatoeba')

    def __init__(self, corpus, tests=0):
        """`tests`: how many were done before; a new one has prompts of its own."""
        self.corpus, self.stop = corpus, corpus.end
        self.prompts, seen = {}, set()
        for split, count in COUNTS.items():
            for number in range(1 + (tests if split == 'test' else 0)):
                self.prompts[split] = self.beginnings(f'{split} {number}' if number else split, count, seen)
        self.written = corpus.encode(WRITTEN[self.name])
        # Real verse after each beginning, cut somewhere in its first lines: how likely does an edit make its next
        # token?
        verses = corpus.encode([body.lstrip('\n') for body in self.bodies('dev', 2 * len(self.prompts['dev']))])
        cut = [
            (prompt, verse, place % CUTS)
            for place, (prompt, verse) in enumerate(zip(2 * self.prompts['dev'], verses))
            if len(verse) > CUTS
        ]
        self.probes = [prompt + verse[:at] for prompt, verse, at in cut]
        self.targets = torch.tensor([verse[at] for _, verse, at in cut])

    def sentences(self, split, domain):
        documents = self.corpus.documents(split, domain)
        lines = [line for document in documents for line in re.split('(?<=[。！？])|\n', document)]
        return [line for line in dict.fromkeys(lines) if len(line) > 6 and not LATIN.search(line) and HAN.search(line)]

    def beginnings(self, name, count, seen):
        """The first 3 to 6 tokens of sentences, half from either domain, none of them in `seen` or ending within a
        character. `name`: the split, and a number where it is not the first draw of it."""
        rng, found = random.Random(f'beginnings {name}'), []
        for domain in self.MODERN:
            sentences = self.sentences(name.split()[0], domain)
            rng.shuffle(sentences)
            half = []
            for ids in self.corpus.encode(sentences[: 4 * count]):
                start = tuple(ids[: rng.randint(3, 6)])
                if len(ids) > len(start) + 1 and start not in seen and '\ufffd' not in self.corpus.decode(start):
                    seen.add(start)
                    half.append(list(start))
            found += half[: count // 2]
        return found

    def bodies(self, split, count):
        """Held-out poems without title and author, each from its first line on."""
        lines = [document.split('\n')[2:] for document in self.corpus.documents(split, 'zh_poem')]
        return ['\n' + '\n'.join(body) for body in lines if body][:count]

    def prose(self, split, count):
        spoken = ['\n'.join(lines) for lines in batches(self.sentences(split, 'tatoeba'), 8)][:count]
        return (
            spoken
            + self.corpus.documents(split, 'zh_modern')[:count]
            + self.corpus.documents(split, 'zh_novel')[:count]
        )

    def contexts(self):
        signed = lambda texts, sign: [(ids[:CONTEXT], [sign] * len(ids[:CONTEXT])) for ids in self.corpus.encode(texts)]
        return signed(self.bodies('dev', 120), 1.0) + signed(self.prose('dev', 40), -1.0)

    def edit(self, layer, feature, maximum):
        return added(layer, feature, maximum)

    @staticmethod
    def title(edits):
        return directions(edits, 'Add the direction of {}: turn to verse', 'Add {} directions: turn to verse')

    def real(self):
        return self.bodies('dev', 80)

    def worth(self, log_p):
        """Mean log-probability of the next token of real verse."""
        return log_p.gather(2, self.targets.expand(len(log_p), -1)[..., None])[..., 0].mean(-1)

    def read(self, split, rows):
        return {'hits': [int(verse(self.corpus.decode(row))) for row in rows]}

    def shows(self, prompt, ids):
        return verse(self.corpus.decode(ids))

    def detector(self):
        """How often the detector says verse in `tokens` tokens of held-out text: of poems, and, falsely, of modern
        Chinese and of novels."""
        take = lambda domain: self.corpus.documents('test', domain)[:300]
        kinds = dict(poems=self.bodies('test', 300), modern=take('zh_modern'), novels=take('zh_novel'))
        found = lambda ids: verse(self.corpus.decode(ids[: self.tokens]))
        return {kind: (sum(map(found, self.corpus.encode(texts))), len(texts)) for kind, texts in kinds.items()}


class Arithmetic:
    """Products that the model was never shown, which an edit spoils, while sums stay right. A hit is a product
    answered wrong."""

    name, tried, outcome = 'arithmetic', 'held-out products', 'come out wrong'
    tokens, shown_tokens, temperature = 28, 28, 0  # the longest product of two digits by one, steps written out
    contrasted, named, begins = 90, FACTOR, True

    def __init__(self, corpus, kind='2x1'):
        self.corpus, self.kind = corpus, kind
        self.sought = (
            f'answers wrong (products of {"two digits by one, never shown" if kind == "2x1" else "one digit by one"})'
        )
        pairs = two_by_one()[::2] if kind == '2x1' else [(a, b) for b in range(2, 10) for a in range(1, b + 1)]
        random.Random('products').shuffle(pairs)
        cut = min(COUNTS['dev'] // 2, len(pairs) // 3)  # both orders of a pair are on one side
        self.products = {
            split: [question for a, b in part for question in dict.fromkeys(((a, b), (b, a)))][: COUNTS[split]]
            for split, part in (('dev', pairs[:cut]), ('test', pairs[cut:]))
        }
        rng = random.Random('sums')
        drawn = list(dict.fromkeys((rng.randint(11, 99), rng.randint(2, 99)) for _ in range(3 * sum(COUNTS.values()))))
        self.sums = dict(
            dev=drawn[: len(self.products['dev'])],
            test=drawn[COUNTS['dev'] : COUNTS['dev'] + len(self.products['test'])],
        )
        self.prompts = {
            split: corpus.encode(
                [f'{a} × {b} =' for a, b in self.products[split]] + [f'{a} + {b} =' for a, b in self.sums[split]]
            )
            for split in COUNTS
        }
        self.counted = {split: len(questions) for split, questions in self.products.items()}
        # With the space that every answer begins with, so that the next token is a digit. The one that the page has
        # shown from the start comes first.
        asked = [f'{a} × {b} = ' for a, b in self.products['dev']]
        self.written = corpus.encode(sorted(asked, key=lambda text: text != SHOWN))
        self.stop = corpus.encode(['1\n'])[0][-1]  # a line holds the answer
        self.probes, self.targets, self.shares = [], [], []
        lines = [f'{a} × {b} = {a * b}' for a, b in self.products['dev']] + [
            f'{a} + {b} = {a + b}' for a, b in self.sums['dev']
        ]
        for place, (ids, prompt) in enumerate(zip(corpus.encode(lines), self.prompts['dev'])):
            digits = range(len(prompt) + 1, len(ids))  # behind the space
            self.probes += [ids[:at] for at in digits]
            self.targets += [ids[at] for at in digits]
            self.shares += [(1 if place < len(self.products['dev']) else -1) / len(digits)] * len(digits)
        self.targets, self.shares = torch.tensor(self.targets), torch.tensor(self.shares) / len(self.products['dev'])

    def contexts(self):
        """Lines of products against lines of sums: the questioned ones of dev and others that may be shown."""
        rng = random.Random('contexts')
        products = [product_pair(rng, '2x1') for _ in range(200)] + self.products['dev']
        sums = [(rng.randint(11, 99), rng.randint(2, 99)) for _ in range(200)] + self.sums['dev']
        encoded = self.corpus.encode(
            [f'{a} × {b} = {a * b}' for a, b in products] + [f'{a} + {b} = {a + b}' for a, b in sums]
        )
        return [(ids, [1.0 if place < len(products) else -1.0] * len(ids)) for place, ids in enumerate(encoded)]

    def edit(self, layer, feature, maximum):
        return dict(layer=layer, feature=feature, mode='ablate', strength=1)

    @staticmethod
    def title(edits):
        return 'Break × and leave +'

    def worth(self, log_p):
        """Mean surprisal of a product's right digits less that of a sum's."""
        return -(log_p.gather(2, self.targets.expand(len(log_p), -1)[..., None])[..., 0] * self.shares).sum(-1)

    def wrong(self, right, ids):
        return int(answer(self.corpus.decode(ids))[0] != str(right))

    def read(self, split, rows):
        right = [a * b for a, b in self.products[split]] + [a + b for a, b in self.sums[split]]
        wrong = [self.wrong(number, row) for number, row in zip(right, rows)]
        products = len(self.products[split])
        return {'hits': wrong[:products], 'sumsWrong': mean(wrong[products:])}

    def shows(self, prompt, ids):
        a, b, sign = self.asked(prompt)
        return bool(self.wrong(a * b if sign == '×' else a + b, ids))

    def asked(self, prompt):
        a, sign, b, _ = self.corpus.decode(prompt).split()
        return int(a), int(b), sign

    def beside(self, prompt):
        return self.corpus.encode([self.corpus.decode(prompt).replace('×', '+')])[0]

    def whole(self, ids):
        """A line that gives its answer at once, and is not cut off in its middle."""
        line, *rest = self.corpus.decode(ids).split('\n')
        return '=' not in line and (len(ids) < self.shown_tokens or bool(rest))

    def others(self, arms):
        """How many of the sums of the test go wrong."""
        n = len(self.sums['test'])
        rates = {name: wilson(round(n * arms[name]['sumsWrong']), n) for name in ('baseline', 'edited')}
        return {'tried': 'sums', **rates}

    def real(self):
        return self.corpus.documents('dev', 'arithmetic')[:40]

    @staticmethod
    def penalty(result, baseline, natural):
        """Sums that the edit spoils count against it as products count for it."""
        return max(0.0, result['sumsWrong'] - baseline['sumsWrong'])

    @staticmethod
    def remark(arms):
        edited, baseline = (arms[name]['perplexity'] for name in ('edited', 'baseline'))
        return f'The unedited model gives what was written a perplexity of {edited:.1f} with the edit and {baseline:.1f} without.'
