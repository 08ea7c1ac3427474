"""Where and when an edit acts: the written forms of `Edit.where` and `Edit.when` in src/lens/api/edit.ts."""

import re

NUMBER = r'(\d+(?:\.\d+)?(?:e[+-]?\d+)?)'
WHEN = re.compile(rf'(\d+):(\d+) > {NUMBER}( in turn)?(?: until {NUMBER})?')


def asked(where, reading, ids):
    """Which tokens `where` asks for, prompt and generated ones, as a list of bool."""
    if isinstance(where, list):
        return [position in where for position in range(len(ids))]
    spans = reading.spans_of(ids) or [(None, None, None)] * len(ids)
    return [
        all(holds(word, position, id, span, reading) for word in where.split('.'))
        for position, (id, span) in enumerate(zip(ids, spans))
    ]


def holds(word, position, id, span, reading):
    """Whether one word of `where` lets a token through."""
    (role, turn, section), prompt = span, len(reading.ids)
    number = re.fullmatch(r'(first|turn)(\d+)', word)
    if number:
        n = int(number[2])
        return prompt <= position < prompt + n if number[1] == 'first' else turn == n
    return {
        'all': True,
        'prompt': position < prompt,
        'generated': position >= prompt,
        'from-last': position >= prompt - 1,
        'system': role == 'system',
        'user': role == 'user',
        'assistant': role == 'assistant',
        'thinking': section == 'thinking',
        'answer': role == 'assistant' and section == 'content',
        'text': section != 'template' and id not in reading.special,
    }[word]


class Gate:
    def __init__(self, when):
        found = WHEN.fullmatch(when)
        if not found:
            raise ValueError(f'{when}: not a gate')
        self.layer, self.feature, self.above = int(found[1]), int(found[2]), float(found[3])
        self.in_turn, self.until = bool(found[4]), float(found[5]) if found[5] else None

    def open(self, latents, turns):
        """At which tokens the gate is open, by the feature's latent there and the turn that each belongs to."""
        out, state = [], False
        for i, z in enumerate(latents):
            if self.in_turn:
                state = z > self.above or (state and turns[i] == turns[i - 1])
            elif self.until is None:
                state = z > self.above
            else:
                state = z > self.above or (state and z > self.until)
            out.append(state)
        return out
