"""What labels can say: the tests and kinds of text that their rules are made of."""

import dataclasses

import numpy as np

RULE = (
    'A label is a rule on the token and its text, chosen among listed rules by F1 on dev texts (30 firings or more). Precision: share of '
    'the test positions the rule holds at where the feature fires. Recall: share of the feature\'s test firings where the rule holds. '
    'Domains weigh as in {mix}. Labels with precision below .5, recall below .1 or fewer than 20 test firings are left out.'
)
FIRST, LATER = 'first parts of split characters', 'later parts of split characters'
EARLY = 'the first tokens of a text'
ANY = 'any token'
WORDS = {'is': '', 'after': 'after ', 'before': 'before '}  # tests on a set of tokens, and how they read


@dataclasses.dataclass(frozen=True)
class Rules:
    """`mix`: each domain's share. `kinds`: which domains a phrase means; the first, '', is all of them. `classes`:
    regular expressions of what a token is, by its own text. `places`: of where it stands; it overlaps the first group of
    the pattern in the texts' own characters. `weighed`: what the mix is; `early`: what
    the first few tokens that are read of a text are called."""

    mix: dict
    kinds: dict
    classes: dict
    places: dict
    weighed: str = 'the training mix'
    early: str = EARLY

    @property
    def domains(self):
        return list(self.mix)

    @property
    def members(self):
        """Which domains belong to a kind, [domains, kinds]."""
        return np.array([[name in of for of in self.kinds.values()] for name in self.mix], float)
