import { expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import { parseWhere } from '../../lens/maths/where';
import { EVERYONE, whoseIn, whoseOf, whoseOptions } from './whose';

const chat: Chat = {
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Who?' },
  ],
};
const labels = (of: Chat | null, thinks: boolean, own = EVERYONE) =>
  whoseOptions(of, thinks, own).map(({ label }) => label);
const SPEAKERS = ['everyone', 'system', 'user', 'assistant', 'the assistant’s answers'];

test('speakers, answers, each turn, and the one that is generated next', () => {
  expect(labels(chat, false)).toEqual([...SPEAKERS, 'turn 0, system', 'turn 1, user', 'turn 2, next: assistant']);
  expect(labels({ messages: [...chat.messages, { role: 'assistant', content: 'I.' }] }, false).at(-1)).toBe(
    'turn 2, assistant',
  );
  expect(labels(null, false)).toEqual(SPEAKERS);
});

test('thinking can be chosen where there is some, or where it is chosen', () => {
  expect(labels(chat, false)).not.toContain('the assistant’s thinking');
  expect(labels(chat, true)).toContain('the assistant’s thinking');
  expect(labels(chat, false, 'assistant.thinking').at(-1)).toBe('the assistant’s thinking');
});

test.each([
  ['turn2.answer', 'the answer of turn 2'],
  ['user.turn1', 'turn 1, if it is the user’s'],
  ['user.thinking', 'the thinking in the user’s turns'],
  ['turn9', 'turn 9'],
])('what no option says, such as %s, is one of its own and is kept', (where, label) => {
  const own = whoseOf(parseWhere(where));
  expect(whoseOptions(chat, true, own).at(-1)).toEqual({ value: where, label });
  expect(whoseIn(own)).toEqual({ role: undefined, turn: undefined, section: undefined, ...parseWhere(where) });
});

test('answers are the assistant’s, whether it is named or not', () => {
  expect([whoseOf({ section: 'answer' }), whoseOf({ section: 'answer', role: 'assistant' })]).toEqual([
    'assistant.answer',
    'assistant.answer',
  ]);
  expect(whoseOf({})).toBe(EVERYONE);
  expect(whoseIn(EVERYONE)).toEqual({});
});
