"""What labels can say of lenslet-mini's texts: English and Chinese prose, verse, word problems, arithmetic, chat."""

from data.batches import MIX
from features.rules import Rules

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

RULES = Rules(MIX, KINDS, CLASSES, PLACES)
