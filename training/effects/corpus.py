"""Held-out documents of a run, encoded and decoded with a model folder's tokenizer, and what script and form a text
has."""

import pathlib
import re

from files.tokens import byte_pieces, encode, markers

# A character that was cut in two shows as U+FFFD; hardly any but Han characters are, so that it counts as one.
HAN = re.compile('[\u3400-\u9fff\ufffd]')
LATIN = re.compile('[A-Za-z]')
CLAUSE_END = re.compile('[，。！？；：,.!?;:\\s]+')
VERSE_CLAUSES, VERSE_LENGTHS = 3, (5, 7)


class Corpus:
    def __init__(self, run, folder):
        self.texts, self.folder = pathlib.Path(run) / 'text', pathlib.Path(folder)
        special = markers(folder)
        self.end = special['<|endoftext|>']
        # Markers are no text.
        pieces = enumerate(byte_pieces(folder))
        self.pieces = [b'' if number in special.values() else piece for number, piece in pieces]

    def documents(self, split, domain):
        return (self.texts / split / f'{domain}.txt').read_text(encoding='utf-8').split('\0')

    def encode(self, texts):
        return encode(self.folder, texts)

    def decode(self, ids):
        return b''.join(self.pieces[number] for number in ids).decode('utf-8', 'replace')


def han_share(text):
    """Share of Han among the letters of a text; None without a letter."""
    han, latin = len(HAN.findall(text)), len(LATIN.findall(text))
    return han / (han + latin) if han + latin else None


def verse(text):
    """Whether three consecutive whole clauses are of equal length, 5 or 7 Han characters, and all different. What
    stands before the first punctuation or line break goes on with something unseen, and what stands after the last one
    is unfinished: neither is a clause."""
    run = []
    for clause in CLAUSE_END.split(text)[1:-1]:
        if len(clause) not in VERSE_LENGTHS or len(HAN.findall(clause)) != len(clause):
            run = []
        elif run and len(run[0]) != len(clause):
            run = [clause]
        else:
            run.append(clause)
        if len(run) >= VERSE_CLAUSES and len(set(run[-VERSE_CLAUSES:])) == VERSE_CLAUSES:
            return True
    return False
