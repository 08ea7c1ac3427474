"""What is true of a position in a text, as claims (wordings.py). All of it is read off the text and the model's own
next-token distribution; nothing is guessed."""

import re

HAN = re.compile(r'[\u4e00-\u9fff]')
STOPS = '，。！？；：、\n'
PLACES = ('ones', 'tens', 'hundreds', 'thousands', 'ten-thousands', 'hundred-thousands', 'millions')
TIMES, PLUS, MINUS, OVER = 'multiplies', 'adds', 'reduces', 'divides'
JOINED = {TIMES: 'by', PLUS: 'and', MINUS: 'by', OVER: 'by'}
SIGNS = {
    '×': TIMES,
    '*': TIMES,
    'x': TIMES,
    'times': TIMES,
    '乘以': TIMES,
    '+': PLUS,
    'plus': PLUS,
    '加': PLUS,
    '-': MINUS,
    '/': OVER,
}
SIGN = '|'.join(re.escape(sign) for sign in SIGNS)
NUMBER = r'(?<![\d.,])(\d{1,4})'
# An operand of a longer expression is not an operation of its own.
ALONE = r'(?<![×*x+/-] )(?<![×*x+/-])'
RESULT = re.compile(rf'{ALONE}{NUMBER} ?({SIGN}) ?(\d{{1,4}}) ?(?:=|is|等于) ?(\d*)$')
SECOND = re.compile(rf'{ALONE}{NUMBER} ?({SIGN}) ?(\d{{1,4}}) ?$')
FIRST = re.compile(rf'{ALONE}{NUMBER} ?({SIGN}) ?$')
ONE = re.compile(r'(?<![\d.,])(\d{1,4})$')
ROW = re.compile(r'(?:^|\n)(\d+(?:, \d+){1,7}),? ?(\d*)$')


def value(sign, a, b):
    return {TIMES: a * b, PLUS: a + b, MINUS: a - b, OVER: a // b if b and a % b == 0 else -1}[sign]


def carry(sign, a, b, place):
    """What the lower digits carry into the digit at `place`; None where that is no single number."""
    unit = 10**place
    if place == 0:
        return None
    if sign == PLUS:
        return (a % unit + b % unit) // unit
    if sign == TIMES and min(a, b) < 10:
        return max(a, b) % unit * min(a, b) // unit
    return None


def arithmetic(before, after):
    """Claims about a sum at the end of `before`; what is said of coming digits is what `after` really brings. [] where
    there is none."""
    line = before[before.rfind('\n') + 1 :]
    match = RESULT.search(line)
    if match:
        a, sign, b, written = int(match[1]), SIGNS[match[2]], int(match[3]), match[4]
        result = str(value(sign, a, b))
        if value(sign, a, b) < 0 or not result.startswith(written):
            return []
        claims, coming = [('operation', (sign, a, JOINED[sign], b))], re.match(r' ?(\d*)', after)[1]
        if written == result:
            return claims + [('complete', ())] if not coming else []
        if not (written + coming).startswith(result):
            return []
        place = len(result) - len(written) - 1
        claims.append(('digit', (PLACES[place], result[len(written)])))
        carried = carry(sign, a, b, place)
        return claims + ([] if carried is None else [('carry', (carried,))])
    match = SECOND.search(line)
    if match:
        sign = SIGNS[match[2]]
        return [('operation', (sign, match[1], JOINED[sign], match[3]))]
    match = FIRST.search(line)
    if match:
        sign = SIGNS[match[2]]
        return [('operand', (sign, match[1], JOINED[sign]))]
    match = ROW.search(before)
    if match:
        numbers = [int(number) for number in match[1].split(', ')]
        if len(numbers) > 1 and len({b - a for a, b in zip(numbers, numbers[1:])}) == 1 and numbers[1] > numbers[0]:
            return [('sequence', (numbers[1] - numbers[0],)), *([('number', (match[2],))] if match[2] else [])]
    match = ONE.search(line)
    return [('number', (match[1],))] if match else []


def language(before):
    tail = before[-16:]
    last = re.search(r'[A-Za-z\u4e00-\u9fff\d][^A-Za-z\u4e00-\u9fff\d]*$', tail)
    if last is None:
        return 'signs'
    return 'Chinese' if HAN.match(last[0]) else 'English' if last[0][0].isalpha() else 'numbers'


def speaking(before):
    paragraph = before[before.rfind('\n') + 1 :]
    opened = sum(paragraph.count(mark) for mark in '“「『') - sum(paragraph.count(mark) for mark in '”」』')
    return paragraph.count('"') % 2 == 1 or opened > 0


def situation(before, domain, line):
    """Where in its text a position stands; `line`: of the document, None where its beginning is not known."""
    if domain == 'zh_poem':
        if line in (0, 1):
            return [('title' if line == 0 else 'author', ())]
        clause = re.search(rf'[^{STOPS}]*$', before)[0]
        return [('verse', (len(clause),))] if 0 < len(clause) <= 9 else []
    if domain == 'chat':
        roles = re.findall(r'<\|im_start\|>(user|assistant)\n', before)
        return (
            [('turn', (roles[-1],))]
            if roles and not before.endswith(('<|im_start|>', '<|im_end|>', '<|im_end|>\n'))
            else []
        )
    if domain == 'gsm8k':
        parts = re.findall(r'(Question|Answer): ', before)
        return [('part', (parts[-1].lower(),))] if parts else []
    if domain in ('arithmetic', 'tatoeba', 'zh_docs'):
        return []
    return [('speech', ())] if speaking(before) else []


def shown(piece):
    """A piece of text as a quotation shows it: no line breaks, no quotation marks of the kind that close it, no
    special marker whole."""
    text = re.sub(r'<\|(\w+)\|>', r'[\1]', piece)
    return text.replace('\n', '↵').replace('“', '‘').replace('”', '’')


def quote(pieces, rng):
    """The last 2 to 6 tokens, begun where a word begins."""
    wanted = rng.choice((2, 3, 3, 4, 4, 5, 6))
    start = max(0, len(pieces) - wanted)
    while (
        start > 0
        and len(pieces) - start < 9
        and re.match(r'[A-Za-z\ufffd]', pieces[start])
        and re.search(r'[A-Za-z\ufffd]$', pieces[start - 1])
    ):
        start -= 1
    return shown(''.join(pieces[start:]))


def claims(domain, kind, pieces, before, after, line, likely, rng):
    """Claims in order. pieces: texts of the tokens up to and with this one; before, after: the text on both sides of
    its end; likely: the texts of the model's three likeliest next tokens."""
    found = [('kind', (kind,)), ('language', (language(before),)), *situation(before, domain, line)]
    sums = arithmetic(before, after)
    found += (
        sums
        if sums and sums[0][0] != 'number' or domain == 'arithmetic' and sums
        else [('quote', (quote(pieces, rng),))]
    )
    return found + [('token', (shown(pieces[-1]),)), ('next', tuple(shown(piece) for piece in likely))]
