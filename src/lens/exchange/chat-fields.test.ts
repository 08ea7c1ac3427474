import { expect, test } from 'vitest';
import { CorruptFileError } from '../api/errors';
import { chatFrom, MOST_MESSAGES } from './chat-fields';
import { chatSchema } from './chat-schema';
import { read } from './schemas';

const user = { role: 'user', content: 'Hi' };
const begun = { role: 'assistant', content: 'Yes' };
const whole = { messages: [user, begun], open: true, ids: [0, 1 << 24], thinking: false, template: 'tools' };

test('a conversation is read with exactly its keys; null counts as missing', () => {
  expect(chatFrom(whole, 5)).toEqual(whole);
  const bare = { messages: [user], open: null, ids: null, thinking: null, template: null };
  expect(chatFrom(bare, 5)).toStrictEqual({ messages: [user] });
});

test.each<[string, unknown, string]>([
  ['no object', [], 'f: chat does not hold a JSON object.'],
  ['no messages', {}, 'f: chat: "messages" must be a list'],
  ['an empty list', { messages: [] }, '"messages" must hold a message'],
  ['too many', { messages: Array(MOST_MESSAGES + 1).fill(user) }, 'must be a list of at most 1000 entries'],
  ['a hole', { messages: Array(1) }, 'f: chat: message 1 must be an object'],
  ['a role', { messages: [user, { ...user, role: 'tool' }] }, 'f: chat: message 2: "role" must be one of'],
  ['a role of a prototype', { messages: [{ role: '__proto__', content: '' }] }, '"role" must be one of'],
  ['no text', { messages: [{ role: 'user', content: 7 }] }, '"content" must be a text'],
  ['long texts', { messages: [user, user, user] }, 'f: chat: message 3: "content" must be a text'],
  ['a key of a message', { messages: [{ ...user, name: 'x' }] }, 'f: chat: message 1 has the key "name"'],
  ['a key', { ...whole, tools: [] }, 'f: chat has the key "tools"'],
  ['open behind a user', { messages: [user], open: true }, '"open" must not be true'],
  ['open in words', { ...whole, open: 'yes' }, '"open" must be true or false'],
  ['ids of a whole turn', { messages: [user, begun], ids: [1] }, '"ids" must not be there without'],
  ['ids that are none', { ...whole, ids: [1.5] }, '"ids" must list'],
  ['ids with a hole', { ...whole, ids: Array(1) }, '"ids" must list'],
  ['ids that are no list', { ...whole, ids: { length: 0 } }, '"ids" must list'],
  ['thinking', { ...whole, thinking: 1 }, '"thinking" must be true or false'],
  ['no name', { ...whole, template: '' }, '"template" must be a text'],
])('%s is refused by name and place', (_, chat, says) => {
  expect(chatFrom(chat, 5)).toHaveProperty('message');
  const refused = () => read(chatSchema(5), chat, 'f: chat');
  expect(refused).toThrow(CorruptFileError);
  expect(refused).toThrow(says);
});
