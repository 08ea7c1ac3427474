"""What a model reads: a plain text, or a conversation (`Chat` in src/lens/api/chat.ts) on lenslet-mini's own template;
who says each token of it, and of what is generated behind it."""

import re

THINKING = re.compile(r'(<think>)(.*?)(</think>|$)', re.S)


class Reading:
    """`spans`: (role, turn, section) of each of `ids`, or None in a plain text. `special`: the ids of special tokens.
    `think`: the ids of the tags around thinking, where a tokenizer has both as tokens."""

    def __init__(self, ids, spans=None, special=frozenset(), think=None):
        self.ids, self.spans, self.special, self.think = ids, spans, special, think

    def spans_of(self, ids):
        """Of prompt and generated tokens, of which the first are the prompt's; None in a plain text."""
        if self.spans is None:
            return None
        turn, inside = self.spans[-1][1], self.spans[-1][2] == 'thinking'
        if self.think and self.ids[-1] == self.think[0]:
            inside = True
        out = list(self.spans)
        for id in ids[len(out) :]:
            tag = self.think and id in self.think
            section = 'template' if tag or id in self.special else 'thinking' if inside else 'content'
            out.append(('assistant', turn, section))
            inside = id == self.think[0] if tag else inside
        return out


def pieces(chat, tagged=False):
    """The text of a conversation in pieces (text, role, turn, section). `tagged`: whether the tokenizer knows the tags
    around thinking; without them thinking is content."""
    messages = chat['messages']
    begun = chat.get('open', False) and messages[-1]['role'] == 'assistant'
    for turn, message in enumerate(messages):
        role, content = message['role'], message['content']
        thinks = tagged and role == 'assistant'
        yield f'<|im_start|>{role}\n', role, turn, 'template'
        yield from ((text, role, turn, section) for text, section in sections(content, thinks) if text)
        if not begun or turn < len(messages) - 1:
            yield '<|im_end|>\n', role, turn, 'template'
    if messages[-1]['role'] != 'assistant':
        yield '<|im_start|>assistant\n', 'assistant', len(messages), 'template'


def sections(content, thinks):
    """What a message says, in (text, section)."""
    found = THINKING.match(content) if thinks else None
    if not found:
        return [(content, 'content')]
    begin, thought, end = found.groups()
    rest = content[found.end() :]
    return [(begin, 'template'), (thought, 'thinking'), (end, 'template'), (rest, 'content')]


def read(prompt, tokenize, markers, tagged=False):
    """Text and reading of a prompt. `markers`: {content: id} of the special tokens. No piece's tokens may reach into
    the next, so that each piece has tokens of its own: those of the whole text are compared with theirs."""
    special, think = frozenset(markers.values()), (markers['<think>'], markers['</think>']) if tagged else None
    if isinstance(prompt, str):
        return prompt, Reading(tokenize([prompt])[0], None, special)
    parts = list(pieces(prompt, tagged))
    text = ''.join(part[0] for part in parts)
    whole, *each = tokenize([text, *(part[0] for part in parts)])
    if whole != [id for ids in each for id in ids]:
        raise ValueError(f'{text!r}: a token reaches over the end of a piece')
    spans = [tuple(part[1:]) for part, ids in zip(parts, each) for _ in ids]
    return text, Reading(whole, spans, special, think)
