import { expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import { samePrompt } from './prompt';

const messages: Chat['messages'] = [
  { role: 'user', content: 'one' },
  { role: 'assistant', content: 'two' },
];
const begun: Chat = { messages, open: true, ids: [5], thinking: true };

test('prompts are the same where the model reads the same', () => {
  expect(samePrompt('one', 'one')).toBe(true);
  expect(samePrompt(begun, { ...begun, messages: messages.map((each) => ({ ...each })), template: 'default' })).toBe(
    true,
  );
  expect(samePrompt({ messages }, { messages, open: false, thinking: false })).toBe(true);
  for (const other of [
    'one',
    { ...begun, ids: [6] },
    { ...begun, ids: [5, 6] },
    { ...begun, ids: undefined },
    { ...begun, open: undefined, ids: undefined },
    { ...begun, thinking: false },
    { ...begun, template: 'tools' },
    { ...begun, messages: messages.with(0, { role: 'user', content: 'x' }) },
    { ...begun, messages: messages.with(0, { role: 'system', content: 'one' }) },
    { ...begun, messages: [...messages, { role: 'user', content: '' }] },
  ] as const)
    expect([samePrompt(begun, other as Chat), samePrompt(other as Chat, begun)]).toEqual([false, false]);
});
