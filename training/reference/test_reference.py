"""What steering by conditions is held to, on cases made by hand: `training/cpu.sh -m unittest reference.test_reference
-v`."""

import unittest

import torch

from reference.conditions import Gate, asked
from reference.reading import Reading, pieces, read
from reference.sampling import Sampling

CHAT = {
    'messages': [
        {'role': 'user', 'content': 'Why?'},
        {'role': 'assistant', 'content': '<think>Hm.</think>So.'},
        {'role': 'user', 'content': '<think>?'},
        {'role': 'assistant', 'content': '<think>Well'},
    ],
    'open': True,
}
MARKERS = {'<|im_start|>': 1, '<|im_end|>': 2, '<think>': 3, '</think>': 4}


def one_token_each(texts):
    """A tokenizer to which each piece of a text is one token; the first of `texts` is the whole of the others."""
    ids = [[MARKERS.get(text, 100 + texts.index(text))] for text in texts[1:]]
    return [sum(ids, []), *ids]


class Conditions(unittest.TestCase):
    def test_a_conversation_is_cut_into_template_thinking_and_content(self):
        found = [(text, turn, section) for text, _, turn, section in pieces(CHAT, True)]
        self.assertEqual(
            found,
            [
                ('<|im_start|>user\n', 0, 'template'),
                ('Why?', 0, 'content'),
                ('<|im_end|>\n', 0, 'template'),
                ('<|im_start|>assistant\n', 1, 'template'),
                ('<think>', 1, 'template'),
                ('Hm.', 1, 'thinking'),
                ('</think>', 1, 'template'),
                ('So.', 1, 'content'),
                ('<|im_end|>\n', 1, 'template'),
                ('<|im_start|>user\n', 2, 'template'),
                ('<think>?', 2, 'content'),
                ('<|im_end|>\n', 2, 'template'),
                ('<|im_start|>assistant\n', 3, 'template'),
                ('<think>', 3, 'template'),
                ('Well', 3, 'thinking'),
            ],
        )
        self.assertEqual([part[3] for part in pieces(CHAT)].count('thinking'), 0)
        whole = {'messages': CHAT['messages'][:1]}
        self.assertEqual(list(pieces(whole))[-1], ('<|im_start|>assistant\n', 'assistant', 1, 'template'))

    def test_each_word_narrows_and_generated_tokens_go_on_with_the_begun_turn(self):
        _, reading = read(CHAT, one_token_each, MARKERS, tagged=True)
        generated = [50, 4, 60, 2]
        ids = reading.ids + generated
        at = lambda where: [i for i, yes in enumerate(asked(where, reading, ids)) if yes]
        p = len(reading.ids)
        self.assertEqual(at('thinking'), [5, p - 1, p])
        self.assertEqual(at('generated.thinking'), [p])
        self.assertEqual(at('answer'), [7, p + 2])
        self.assertEqual(at('user.text'), [1, 10])
        self.assertEqual(at('turn1'), [3, 4, 5, 6, 7, 8])
        self.assertEqual(at('turn3.first2'), [p, p + 1])
        self.assertEqual(at('from-last.text'), [p - 1, p, p + 2])
        self.assertEqual(at([0, p]), [0, p])
        plain = Reading([9, 2, 9], None, {2})
        self.assertEqual(asked('text', plain, plain.ids), [True, False, True])
        self.assertEqual(asked('assistant', plain, plain.ids), [False, False, False])

    def test_a_gate_opens_at_a_token_to_its_turns_end_or_until_a_lower_value(self):
        latents, turns = [0, 6, 3, 0, 3, 6, 2, 3], [None, 0, 0, 0, 1, 1, 1, 2]
        opened = lambda when: ''.join(str(int(open)) for open in Gate(when).open(latents, turns))
        self.assertEqual(opened('2:7 > 5'), '01000100')
        self.assertEqual(opened('2:7 > 6'), '00000000')
        self.assertEqual(opened('2:7 > 5 in turn'), '01110110')
        self.assertEqual(opened('2:7 > 5 until 2'), '01100100')
        self.assertEqual(opened('2:7 > 5 until 1.5'), '01100111')
        self.assertRaises(ValueError, Gate, '2:7 >= 5')

    def test_a_penalty_is_paid_once_and_texts_end_a_row(self):
        scores = Sampling({9}, penalty=2).scores(torch.tensor([3.0, -1.0, 4.0, -2.0]), [0, 1, 0])
        self.assertEqual(scores.tolist(), [1.5, -2.0, 4.0, -2.0])
        ends = Sampling({9}, stop=['b c'], text=lambda ids: ' '.join('abc'[id] for id in ids))
        self.assertEqual([Sampling({9}).done([9]), ends.done([0, 1]), ends.done([1, 2])], ['stop', None, 'sequence'])


if __name__ == '__main__':
    unittest.main()
