import { expect, test } from 'vitest';
import type { Chat } from '../../lens/api/chat';
import { readChat, turnsCarried, writeChat } from './link-chat';

const turn = (content: string, role: 'user' | 'assistant' = 'user') => ({ role, content });

test('a conversation is cut at whole turns, and the link says so', () => {
  const chat: Chat = {
    messages: [turn('a'.repeat(7990)), turn('b'.repeat(10), 'assistant'), turn('c', 'assistant')],
    open: true,
    ids: [1],
  };
  expect(turnsCarried(chat)).toBe(2);
  const { chat: read, says } = readChat(writeChat(chat));
  expect(read).toEqual({ messages: chat.messages.slice(0, 2) });
  expect(says).toEqual(['The link carries the first 2 of the conversation’s 3 turns.']);
});

test('where not even the first turn fits, none is carried, and the link says so', () => {
  const chat: Chat = { messages: [turn('a'.repeat(8001))] };
  expect(readChat(writeChat(chat))).toEqual({
    chat: null,
    says: ['The link’s conversation was too long for a link: none of its 1 turns is in it.'],
  });
});

test('more tokens of a begun answer than a link takes leave that turn out', () => {
  const chat: Chat = { messages: [turn('a'), turn('b', 'assistant')], open: true, ids: Array(4001).fill(1) };
  expect(turnsCarried(chat)).toBe(1);
  expect(turnsCarried({ ...chat, ids: Array(4000).fill(1) })).toBe(2);
});

test.each([
  '',
  'null',
  '[]',
  '{"m":{}}',
  '{"m":[]}',
  '{"m":[["u"]]}',
  '{"m":[["x","a"]]}',
  '{"m":[["u",1]]}',
  '{"m":[null]}',
  '{"m":[["u","a"]],"o":1}',
  '{"m":[["a","a"]],"i":[1]}',
  '{"m":[["a","a"]],"o":1,"i":[-1]}',
  '{"m":[["a","a"]],"o":1,"i":{"length":1}}',
  '{"m":[["u","a"]],"n":7}',
  `{"m":[["u","${'a'.repeat(8001)}"]]}`,
  `{"m":[${Array(1001).fill('["u",""]').join()}]}`,
])('%.40s is no conversation, and said to be none', (json) => {
  expect(readChat(json)).toEqual({
    chat: null,
    says: ['The link’s conversation is damaged: it is left out.'],
  });
});

test('what is not known beside the turns is left out', () => {
  expect(readChat('{"m":[["u","a"]],"z":1,"t":"yes","__proto__":{"x":1}}')).toEqual({
    chat: { messages: [turn('a')] },
    says: [],
  });
});
