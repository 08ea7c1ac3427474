"""What labels can say of the texts of a real model: English prose, word problems, and what the model writes itself, which
is for a good part conversations, with lists and code in them."""

from features.rules import Rules
from real import texts

# The share of the model's own writing in all figures; about as much as in training.
OWN = 0.2
MIX = {**{name: share * (1 - OWN) for name, share in texts.MIX.items()}, 'written': OWN}
KINDS = {
    '': list(MIX),
    'in simple English prose': ['en_simple'],
    'in English books': ['en_books'],
    'in word problems': ['gsm8k'],
    'in the model’s own writing': ['written'],
    'in English prose': ['en_simple', 'en_books'],
}


def words(*lines):
    """A token that is one of some words, with or without a space before it, however it begins."""
    return ' ?(?i:' + '|'.join(' '.join(lines).split()) + ')'


# What a token is, by its own text.
CLASSES = {
    'words': ' ?[A-Za-z]+',
    'starts of words': ' [A-Za-z]+',
    'later parts of words': '[a-z]+',
    'capitalised words': ' ?[A-Z][a-z]*',
    'capitals': ' ?[A-Z]+',
    'digits': r'\d',
    'even digits': '[02468]',
    'signs of arithmetic': ' ?[-+*/=<>×÷]+',
    'punctuation': r' ?[^\w\s\ufffd]+[\r\n]*',
    'commas and semicolons': '[,;]',
    'ends of sentences': ' ?[.!?]+[”’"\')]*\n*',
    'quotation marks': ' ?["“”‘’\']+',
    'brackets': r' ?[()\[\]{}]+',
    'dashes': ' ?[-–—]+',
    'line breaks': '(?s:.*\n)',
    'blanks': r'[ \t]+',
    'special markers': r'<\|\w+\|>|<\w+>',
    'personal pronouns': words('i you he she it we they me him her us them'),
    'pronouns of the first person': words('i me my mine myself we us our ours ourselves'),
    'pronouns of the second person': words('you your yours yourself thou thee thy'),
    'possessive pronouns': words('my your his her its our their'),
    'articles': words('the an a'),
    'demonstratives': words('this that these those'),
    'prepositions': words(
        'of in to for with on at from by about into over after under between through against during without before',
        'upon among toward towards behind beyond beside across along around within near above below',
    ),
    'prepositions of place': words('in on at under behind above below beside near between among inside outside upon'),
    'prepositions of direction': words('to into toward towards from through across along over around out up down'),
    'conjunctions': words('and or but nor so yet because although though if while when unless since as than'),
    '“and”, “or” and “but”': words('and or but'),
    'forms of “be”': words('be am is are was were been being'),
    'forms of “have”': words('have has had having'),
    'forms of “do”': words('do does did done doing'),
    'modal verbs': words('can could may might must shall should will would'),
    'verbs of speech': words('said says say asked cried replied answered told exclaimed whispered shouted spoke'),
    'verbs of thought': words('thought think knew know believed believe felt feel wondered supposed remember forgot'),
    'verbs of sight': words('saw see seen looked look looking watched watch seemed seem appeared'),
    'verbs of motion': words('went go gone going came come ran run walked walk turned flew fell rode rose left'),
    'negations': words('not no never nothing none nobody neither nor without'),
    'question words': words('what who whom whose which when where why how'),
    'words of quantity': words('all many much more most some any few several each every both half less enough'),
    'numbers in words': words(
        'one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand',
        'million first second third',
    ),
    'words of time': words(
        'now then day days night morning evening week weeks month months year years hour hours minute minutes time',
        'today yesterday tomorrow soon always often when while',
    ),
    'words of kinship': words(
        'mother father brother brothers sister sisters son daughter wife husband uncle aunt child children family',
    ),
    'words of people': words('man men woman women boy boys girl girls people person lady gentleman king queen prince'),
    'parts of the body': words('head face eyes eye hand hands arm arms foot feet heart hair mouth voice body'),
    'words in “-ing”': ' ?[A-Za-z]{2,}ing',
    'words in “-ed”': ' ?[A-Za-z]{2,}ed',
    'words in “-ly”': ' ?[A-Za-z]{2,}ly',
    'words in “-s”': ' ?[A-Za-z]{2,}[^s\\W\\d_]s',
    'words in “-tion”': ' ?[A-Za-z]*[ts]ions?',
}

# Where a token stands. A window begins with \0 and anywhere in a text.
OPEN, CLOSE = '["“‘]', '["”’]'
NOT = r'\n\0<'
TURN = r'<\|im_start\|>{}\n((?:(?!<\|)[^\0])+)'
PLACES = {
    'starts of sentences': rf'[.!?]{CLOSE}? +({OPEN}?\w)',
    'second words of sentences': rf'[.!?]{CLOSE}? +{OPEN}?\w+( ?\w)',
    'words after a comma': r', (\w)',
    'words before a comma': r'(\w+)(?=,)',
    'words before a full stop': r'(\w+)(?=\.(?:\s|["”]))',
    'words before a semicolon or a colon': r'(\w+)(?=[;:])',
    'questions': rf'([^.!?{NOT}]+)[?]',
    'exclamations': rf'([^.!?{NOT}]+)[!]',
    'words before a question mark': r'(\w+)(?=[?])',
    'quotations': rf'(?<!\S)["“]([^"”\n\0]{{1,600}})["”]',
    'first words of quotations': r'(?<!\S)["“](\w+)',
    'last words of quotations': r'(\w+)[.,!?]?["”]',
    'words after a quotation': r'[,.!?]["”] (\w+)',
    'second words after a quotation': r'[,.!?]["”] \w+( \w+)',
    'names inside of sentences': r'[a-z,;] ([A-Z][a-z]+)',
    'words after a name': r'[a-z,;] [A-Z][a-z]+( [a-z]+)',
    'words in capitals': r'\b([A-Z]{2,})\b',
    'words with an apostrophe': r'(\w+[’\'](?:t|re|ve|m|ll|d|s))\b',
    'what follows an apostrophe': r'\w[’\'](\w)',
    'parts of words with a hyphen': r'(\w+(?:-\w+)+)',
    'words in brackets': r'\(([^)\n\0]{1,200})\)',
    'words between dashes': r'[—–]([^—–.\n\0]{1,200})[—–]',
    'starts of lines': rf'\n([^{NOT}])',
    'ends of lines': rf'([^{NOT}])(?=\n)',
    'starts of paragraphs': rf'\n\n([^{NOT}])',
    'headings': r'\n#+ ([^\n\0]+)',
    'numbers of lists': r'\n(\d+)[.)] ',
    'items of lists': r'\n *(?:\d+[.)]|[-*•]) ([^\n\0]+)',
    'first words of list items': r'\n *(?:\d+[.)]|[-*•]) (\W*\w+)',
    'bold text': r'\*\*([^*\n\0]+)\*\*',
    'code': r'```\w*\n([^\0]+?)(?:```|\0|<\|)',
    'indented lines': rf'\n(?: {{2,}}|\t+)([^{NOT}]+)',
    'names of functions': r'\b(\w+)\(',
    'numbers': r'(\d[\d,.]*\d|\d)',
    'first digits of numbers': r'(?<![\d.,])(\d)(?=\d)',
    'second digits of numbers': r'(?<![\d.,])\d(\d)',
    'last digits of numbers': r'\d(\d)(?![\d.,]*\d)',
    'numbers of one digit': r'(?<![\d.,])(\d)(?![\d.,]*\d)',
    'words after a number': r'\d ([a-z]+)',
    'words before a number': r'(\w+) (?=\$?\d)',
    'amounts of money': r'\$ ?(\d[\d,.]*)',
    'percentages': r'(\d+)%',
    'years': r'\b(1[5-9]\d\d|20\d\d)\b',
    'results': r'= ?\$?(\d[\d,.]*)',
    'first digits of results': r'= ?\$?(\d)',
    'last digits of results': r'= ?\$?[\d,]*(\d)(?![\d.,]*\d)',
    'numbers before an equals sign': r'(\d[\d,.]*) ?(?==)',
    'operands': r'(\d[\d,.]*) ?(?=[-+*/×] ?\$?\d)',
    'second operands': r'\d ?[-+*/×] ?\$?(\d[\d,.]*)',
    'factors': r'(\d[\d,.]*)(?= ?[*×] ?\$?\d)',
    'the question of a word problem': r'Question: ([^\n\0]+)',
    'the answer of a word problem': r'Answer: ((?:(?!The answer is)[^\0])+)',
    'final answers': r'The answer is (\d[\d,.]*)',
    'the assistant’s turn': TURN.format('assistant'),
    'the user’s turn': TURN.format('user'),
    'the instructions of a conversation': TURN.format('system'),
    'starts of answers': r'<\|im_start\|>assistant\n([^\0])',
    'roles': r'<\|im_start\|>(\w+)',
    'line breaks after a role': r'<\|im_start\|>\w+(\n)',
}
RULES = Rules(MIX, KINDS, CLASSES, PLACES, weighed='the card’s mix', early='the first tokens of a window')
