import { expect, test } from 'vitest';
import { CorruptFileError } from '../../lens/api/errors';
import { parseMessages, writeMessages } from './messages-file';

const read = (value: unknown) => parseMessages(JSON.stringify(value), 'chat.json').messages;
const said = (role: string, content: unknown, more: object = {}) => ({ role, content, ...more });

test('what is written is read again', () => {
  const messages = [
    { role: 'system' as const, content: 'Be brief.' },
    { role: 'user' as const, content: 'Say “汉”\n' },
    { role: 'assistant' as const, content: '<think>\nhm\n</think>\n\n汉' },
  ];
  const text = writeMessages({ messages, open: true, ids: [1] });
  expect(JSON.parse(text)).toEqual({ messages });
  expect(parseMessages(text, 'x')).toEqual({ messages });
});

test('a list, an object with messages, and ShareGPT’s are conversations', () => {
  const messages = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
  ];
  expect(read(messages)).toEqual(messages);
  expect(read({ model: 'x', messages })).toEqual(messages);
  const conversations = [
    { from: 'human', value: 'a' },
    { from: 'gpt', value: 'b' },
  ];
  expect(read({ id: 1, conversations })).toEqual(messages);
});

test('text parts are joined, thinking goes in front between its tags, and developer is system', () => {
  const parts = [{ type: 'text', text: 'a' }, 'b', { text: 'c' }];
  expect(read([said('developer', parts)])).toEqual([{ role: 'system', content: 'abc' }]);
  for (const key of ['reasoning_content', 'thinking'])
    expect(read([said('assistant', 'b', { [key]: 'hm' })])[0]!.content).toBe('<think>\nhm\n</think>\n\nb');
  expect(read([said('assistant', 'b', { reasoning_content: null, tool_calls: [] })])[0]!.content).toBe('b');
});

test.each([
  [[], 'chat.json holds no message.'],
  [{}, 'chat.json holds no conversation'],
  [7, 'chat.json holds no conversation'],
  [[null], 'chat.json: turn 0 is no message.'],
  [[{ content: 'a' }], 'turn 0 has no role.'],
  [
    [said('user', 'a'), said('tool', 'b')],
    'line 1, turn 1 has the role “tool”; the page knows system, user and assistant',
  ],
  [[said('constructor', 'a')], 'has the role “constructor”'],
  [[said('user', null)], 'turn 0 has no text.'],
  [[said('user', [{ type: 'image_url', image_url: {} }])], 'turn 0 has a part that is no text (image_url)'],
  [[said('assistant', 'x', { tool_calls: [{}] })], 'turn 0 calls a tool'],
  [[said('user', 'x', { thinking: 'y' })], 'turn 0 has thinking that is no text of the assistant’s'],
  [[{ messages: [said('user', 'a')] }], 'is a conversation of its own; the page reads one at a time'],
  [Array(1001).fill(said('user', '')), 'has 1001 messages; at most 1000 are read'],
  [[said('user', 'a'.repeat(200_001))], 'has 200001 characters; at most 200000 are read'],
])('%.60j is refused by name', (value, says) => {
  expect(() => read(value)).toThrow(CorruptFileError);
  expect(() => read(value)).toThrow(says);
});

test('a refusal names the line', () => {
  const text =
    '{\n "tools": [{}, {}],\n "messages": [\n  {"role": "user", "content": "{[\\"\\n"},\n\n  {"role": "tool", "content": ""}\n ]\n}';
  expect(() => parseMessages(text, 'chat.json')).toThrow('chat.json: line 6, turn 1 has the role “tool”');
});

test('broken JSON, and a file of many conversations, are named', () => {
  expect(() => parseMessages('{"messages": [', 'chat.json')).toThrow('chat.json is not JSON');
  expect(() => parseMessages('{"messages": []}\n{"messages": []}', 'chat.json')).toThrow('more than one JSON value');
});
