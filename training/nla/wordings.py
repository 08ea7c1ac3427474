"""Claims as sentences, and sentences back as claims. A claim is (name, values); every name has twelve wordings, of
which training is shown the first nine. A description has three paragraphs: the text, the phrase, the token."""

import re

SHOWN = 9  # of each claim's wordings; the others are for testing whether the reconstructor reads meaning or form

KINDS = dict(
    en_simple='a simple English story',
    en_books='a literary English book',
    zh_poem='a classical Chinese poem',
    zh_novel='a vernacular Chinese novel',
    zh_classical='classical Chinese prose',
    zh_bible='the Bible in Chinese',
    zh_docs='Chinese documentation',
    zh_modern='everyday modern Chinese',
    tatoeba='sentence pairs in two languages',
    gsm8k='a word problem',
    arithmetic='lines of arithmetic',
    chat='a chat of user and assistant',
)

WORDINGS = {
    # The text.
    'kind': (
        'This is {}.',
        'The text is {}.',
        'It reads like {}.',
        'The passage is from {}.',
        'The source is {}.',
        'We are reading {}.',
        'Taken from {}.',
        'It looks like {}.',
        'A part of {}.',
        'The document must be {}.',
        'Its kind: {}.',
        'All of it belongs to {}.',
    ),
    'language': (
        'It is in {}.',
        'The language is {}.',
        'Written in {}.',
        'The words are {}.',
        'At this point it is {}.',
        'The script is {}.',
        'Here it uses {}.',
        'The line is in {}.',
        'It is set down in {}.',
        'One reads {} here.',
        'Its language: {}.',
        'The writing here is {}.',
    ),
    'speech': (
        'Someone is speaking.',
        'It is inside quoted speech.',
        'A person is quoted.',
        'These are words that someone says.',
        'Inside quotation marks.',
        'It is part of what a character says.',
        'A quotation is open.',
        'Here somebody talks.',
        'The words are direct speech.',
        'This stands between quotation marks.',
        'We hear a speaker.',
        'It is said aloud by someone.',
    ),
    'title': (
        'It is in the title.',
        'This is the title line.',
        'The title is being written.',
        'We are in the title.',
        'The line is a title.',
        'It names the poem.',
        'The first line, the title.',
        'It belongs to the title.',
        'The heading of the poem.',
        'Here the poem gets its name.',
        'Part of the heading.',
        'The poem is being named.',
    ),
    'author': (
        'It is the author’s name.',
        'This is the author line.',
        'The author is being named.',
        'The line names the author.',
        'Here the poet is named.',
        'The second line, the author.',
        'It belongs to the author’s name.',
        'A poet’s name.',
        'The name of who wrote it.',
        'Here one learns who wrote it.',
        'The writer is being named.',
        'Part of the poet’s name.',
    ),
    'verse': (
        'It is character {} of its line.',
        'Character {} of the verse line.',
        'The verse line is at character {}.',
        'In the line this is character {}.',
        'Place {} in the verse.',
        'Number {} in its line of verse.',
        'The line has reached character {}.',
        'It stands at place {} of the line.',
        'Verse, character {}.',
        'Counting in the line: {}.',
        'The line of verse is {} long so far.',
        'In the verse it comes at {}.',
    ),
    'turn': (
        'The {} is speaking.',
        'It is the turn of the {}.',
        'The {} writes this.',
        'These are words of the {}.',
        'Now the {} talks.',
        'The turn is of the {}.',
        'Said by the {}.',
        'The {} has the word.',
        'It belongs to what the {} says.',
        'We read the {} here.',
        'Written by the {}.',
        'The one who writes is the {}.',
    ),
    'part': (
        'It is in the {}.',
        'This is part of the {}.',
        'We are in the {}.',
        'The {} is being written.',
        'The place is the {}.',
        'It stands in the {}.',
        'Within the {}.',
        'Here we read the {}.',
        'It belongs to the {}.',
        'The {} is where we are.',
        'A piece of the {}.',
        'Inside the {}.',
    ),
    # The phrase.
    'quote': (
        'The last words are “{}”.',
        'It has just said “{}”.',
        'The words so far end in “{}”.',
        'It ends with “{}”.',
        'Just written: “{}”.',
        'The phrase is “{}”.',
        'What led here is “{}”.',
        'The reader has just seen “{}”.',
        'Up to here it says “{}”.',
        'The wording before was “{}”.',
        'One has just read “{}”.',
        'The latest words: “{}”.',
    ),
    'operation': (
        'It {} {} {} {}.',
        'The sum {} {} {} {}.',
        'Here one {} {} {} {}.',
        'This line {} {} {} {}.',
        'The task {} {} {} {}.',
        'The reckoning {} {} {} {}.',
        'It now {} {} {} {}.',
        'Someone {} {} {} {}.',
        'The line {} {} {} {}.',
        'What goes on {} {} {} {}.',
        'The work {} {} {} {}.',
        'A reckoner {} {} {} {}.',
    ),
    'operand': (
        'It {} {} {} something.',
        'The sum {} {} {} something.',
        'Here one {} {} {} something.',
        'This line {} {} {} something.',
        'The task {} {} {} something.',
        'The reckoning {} {} {} something.',
        'It now {} {} {} something.',
        'Someone {} {} {} something.',
        'The line {} {} {} something.',
        'What goes on {} {} {} something.',
        'The work {} {} {} something.',
        'A reckoner {} {} {} something.',
    ),
    'number': (
        'The number {} is being read.',
        'A number, {} so far.',
        'It has read the number {}.',
        'The figure so far is {}.',
        'The digits so far are {}.',
        'Here stands the number {}.',
        'The number reads {}.',
        'So far the number is {}.',
        'A figure begins with {}.',
        'One has read {} as a number.',
        'The digits read {}.',
        'A number that starts {}.',
    ),
    'digit': (
        'The {} digit comes next, {}.',
        'Next is the {} digit, {}.',
        'The {} digit follows: {}.',
        'Now comes the {} digit, {}.',
        'The next digit is the {}, {}.',
        'It will write the {} digit, {}.',
        'To come: the {} digit, {}.',
        'The answer goes on with the {} digit, {}.',
        'Its {} digit is due, {}.',
        'What follows is the {} digit, {}.',
        'One expects the {} digit, {}.',
        'The {} digit is about to be written, {}.',
    ),
    'carry': (
        'A carry of {} comes into it.',
        'The carry is {}.',
        'It takes a carry of {}.',
        'With a carry of {}.',
        'Carried into it: {}.',
        'The digit below carries {}.',
        'There is a carry of {}.',
        'The carry from below is {}.',
        'One carries {} into it.',
        'From below {} is carried.',
        'The lower digits carry {}.',
        'Carry {} is added.',
    ),
    'complete': (
        'The result is complete.',
        'The answer is finished.',
        'All digits are written.',
        'No digit is missing.',
        'The result is all there.',
        'The answer is done.',
        'It has the whole answer.',
        'The last digit is written.',
        'The answer is whole.',
        'Nothing is left to compute.',
        'The result has ended.',
        'Every digit stands.',
    ),
    'sequence': (
        'It counts in steps of {}.',
        'The numbers go up by {}.',
        'Each number is {} more.',
        'A sequence with step {}.',
        'The step is {}.',
        'It goes on by {}.',
        'The numbers grow by {}.',
        'Every number adds {}.',
        'They rise by {}.',
        'The distance is always {}.',
        'One adds {} each time.',
        'A row that climbs by {}.',
    ),
    # The token.
    'token': (
        'The token is “{}”.',
        'The last token is “{}”.',
        'Final token “{}”.',
        'It stops at “{}”.',
        'The token here is “{}”.',
        'This token is “{}”.',
        'At the token “{}”.',
        'The current token: “{}”.',
        'It stands on “{}”.',
        'One is at the token “{}”.',
        'The vector sits on “{}”.',
        'Here stands the token “{}”.',
    ),
    'next': (
        'Next may come “{}”, “{}” or “{}”.',
        'Likely next: “{}”, “{}”, “{}”.',
        'It may go on with “{}”, “{}” or “{}”.',
        'The model expects “{}”, “{}” or “{}”.',
        'Then “{}”, “{}” or “{}”.',
        'What follows may be “{}”, “{}”, “{}”.',
        'Expected now: “{}”, “{}”, “{}”.',
        'It goes on: “{}”, “{}” or “{}”.',
        'The best guesses are “{}”, “{}”, “{}”.',
        'One awaits “{}”, “{}” or “{}”.',
        'Its guesses: “{}”, “{}”, “{}”.',
        'The odds favour “{}”, “{}” or “{}”.',
    ),
}
LEVELS = (
    ('kind', 'language', 'speech', 'title', 'author', 'verse', 'turn', 'part'),
    ('quote', 'operation', 'operand', 'number', 'digit', 'carry', 'complete', 'sequence'),
    ('token', 'next'),
)
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}
GENERIC = 'This is a piece of text.\n\nThe words before it lead up to this point.\n\nThe text goes on from here.'


FRAME_WORDS = sorted(
    {word for all in WORDINGS.values() for wording in all[:SHOWN] for word in wording.split(' ') if word.isalpha()}
)


def blurred(wording, rng):
    """A wording with some of its words left out or exchanged for others': what it is filled with stays. A
    reconstructor that has read such sentences does not hang on twelve fixed forms."""
    kept = []
    for word in wording.split(' '):
        roll = rng.random() if '{}' not in word else 1
        if roll >= 0.25:
            kept.append(word if roll >= 0.45 else rng.choice(FRAME_WORDS))
    return ' '.join(kept)


def describe(claims, rng, wordings=range(SHOWN), blur=0):
    """The description of claims in their order, each in a wording drawn from `wordings`; a share `blur` of the
    sentences is blurred."""
    paragraphs = [[], [], []]
    for name, values in claims:
        wording = WORDINGS[name][rng.choice(wordings)]
        paragraphs[LEVEL[name]].append(
            (blurred(wording, rng) if values and rng.random() < blur else wording).format(*values)
        )
    return '\n\n'.join(' '.join(sentences) for sentences in paragraphs if sentences)


def _pattern(name, wording):
    value = '([^”]*)' if '“' in wording else '([^.“”:,]+?)'
    return re.escape(wording).replace(re.escape('{}'), value)


# The most particular wordings first: some fit within others.
PATTERNS = [
    (name, re.compile(_pattern(name, wording) + r'(?=\s|$)'))
    for name, wording in sorted(
        ((name, wording) for name, all in WORDINGS.items() for wording in all),
        key=lambda pair: -len(pair[1].replace('{}', '')),
    )
]


def claims_of(description):
    """[(name, values)] of a description's sentences as far as they are known wordings, and the share of its characters
    that are."""
    found, read, at = [], 0, 0
    while at < len(description):
        if description[at].isspace():
            at += 1
            continue
        for name, pattern in PATTERNS:
            match = pattern.match(description, at)
            if match:
                found.append((name, match.groups()))
                read += solid(match[0])
                at = match.end()
                break
        else:
            stop = re.compile(r'[.”]\s|$').search(description, at).end()
            at = max(stop, at + 1)
    return found, read / max(1, solid(description))


def solid(text):
    """Characters that are no space."""
    return sum(not character.isspace() for character in text)
