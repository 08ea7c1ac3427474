import { expect, test } from 'vitest';
import type { Chat } from '../api/chat';
import { ChatTemplateError } from '../api/errors';
import { toyTokenizer } from '../testing/toy-tokenizer';
import { checkBegunIds } from './begun-ids';

// Each byte is a token.
const tokenizer = toyTokenizer({ template: '{{ messages[0].content }}' });
const check = (content: string, ids?: number[]) => {
  const messages: Chat['messages'] = [
    { role: 'user', content: 'x' },
    { role: 'assistant', content },
  ];
  checkBegunIds({ messages, open: true, ids }, (each) => tokenizer.decode(each));
};

test('tokens of the content pass, whole or with a last character that is cut', () => {
  const ids = tokenizer.encode('I say 龘');
  check('I say 龘', ids);
  for (const cut of [1, 2]) {
    check('I say ', ids.slice(0, -cut));
    check('I say \ufffd', ids.slice(0, -cut));
  }
  check('', ids.slice(-3, -1));
  check('anything');
  checkBegunIds('a text', (each) => tokenizer.decode(each));
});

test('what a tokenizer normalises is the same text', () => {
  check('e\u0301', tokenizer.encode('e\u0301'));
  check('a\ud800b', tokenizer.encode('a\ufffdb'));
});

test.each<[string, number[]]>([
  ['I refuse.', tokenizer.encode('I agree.')],
  ['I refuse.', []],
  ['I refuse', tokenizer.encode('I refuse.')],
  ['', tokenizer.encode('I agree.')],
  ['龘', tokenizer.encode('龘').slice(0, -1)],
  ['a\ufffdb', tokenizer.encode('ab')],
])('“%s” is not what other tokens spell', (content, ids) => {
  expect(() => check(content, ids)).toThrow(ChatTemplateError);
});

test('the error says both texts, shortened, and what to do', () => {
  expect(() => check('I refuse.', tokenizer.encode('y'.repeat(60)))).toThrow(
    `spell “${'y'.repeat(40)}…”, its content is “I refuse.”. Leave the ids out`,
  );
});
