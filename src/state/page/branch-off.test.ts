import { expect, test } from 'vitest';
import type { Chat, ChatSpan } from '../../lens/api/chat';
import type { GeneratedRow } from '../../lens/api/generate';
import type { Lens } from '../../lens/api/lens';
import type { Token } from '../../lens/api/text';
import { begunIds, offPosition, offStream, textOf, worded, wordOf } from './branch-off';

const five = { id: 77, text: ' five', logprob: -1 };
const row = (token: number, text: string) => ({ token, text, done: null }) as GeneratedRow;

/** Tokens such as `1 content one`: turn, section, text; ids from 100. */
const tokens = (...all: string[]): Token[] =>
  all.map((each, position) => {
    const [turn, section, ...text] = each.split(' ');
    const role = Number(turn) % 2 ? 'assistant' : 'user';
    const span = { role, turn: Number(turn), section } as ChatSpan;
    return { id: 100 + position, text: text.join(' '), position, special: false, span };
  });

const chat: Chat = {
  messages: [
    { role: 'user', content: 'How many?' },
    { role: 'assistant', content: 'one two' },
    { role: 'user', content: 'And?' },
  ],
  thinking: true,
};

test('a token of a generated text gives way, what stands before it stays, words and tokens', () => {
  const rows = [row(1, ' 0'), row(2, ' 1'), row(3, ' 2')];
  expect(offStream({ messages: chat.messages.slice(0, 1) }, [], rows, 2, five)).toEqual({
    chat: {
      messages: [chat.messages[0], { role: 'assistant', content: ' 0 1 five' }],
      open: true,
      ids: [1, 2, 77],
    },
    from: { turn: 1, token: 3, position: null, was: ' 2', now: ' five' },
  });
});

test('a begun answer is a part of what stays; tokens that cannot be told are left out', () => {
  const begun: Chat = { messages: chat.messages.slice(0, 2), open: true };
  const rows = [row(1, ' 0'), row(2, ' 1')];
  expect(offStream(begun, [8, 9], rows, 0, five).chat).toMatchObject({
    messages: [{}, { content: 'one two five' }],
    ids: [8, 9, 77],
  });
  expect(offStream(begun, null, rows, 1, five).chat).toEqual({
    messages: [chat.messages[0], { role: 'assistant', content: 'one two 0 five' }],
    open: true,
  });
});

test('in the conversation itself what comes behind the token goes', () => {
  const all = tokens(
    '0 template <|user|>',
    '0 content How many?',
    '1 template <|assistant|>',
    '1 content one',
    '1 content  two',
    '1 template <|end|>',
    '2 content And?',
  );
  expect(offPosition(chat, all, 4, five)).toEqual({
    chat: {
      messages: [chat.messages[0], { role: 'assistant', content: 'one five' }],
      open: true,
      ids: [103, 77],
      thinking: true,
    },
    from: { turn: 1, token: null, position: 4, was: ' two', now: ' five' },
  });
  // The place of the end of the turn is one of the answer's too.
  expect(offPosition(chat, all, 5, five)!.chat.messages[1]!.content).toBe('one two five');
  for (const position of [0, 1, 2, 6, 7]) expect(offPosition(chat, all, position, five)).toBeNull();
});

test('an answer that begins with thinking keeps its tag; the template’s own empty one is no word of it', () => {
  const thinks: Chat = {
    messages: [chat.messages[0]!, { role: 'assistant', content: '<think>\nhm\n</think>\n\none' }],
  };
  const all = tokens(
    '0 content How many?',
    '1 template <|assistant|>',
    '1 template <think>',
    '1 thinking \nhm\n',
    '1 template </think>',
    '1 template \n\n',
    '1 content one',
  );
  expect(offPosition(thinks, all, 6, five)!.chat).toMatchObject({
    messages: [{}, { content: '<think>\nhm\n</think>\n\n five' }],
    ids: [102, 103, 104, 105, 77],
  });
  const plain: Chat = { messages: [chat.messages[0]!, { role: 'assistant', content: 'one' }] };
  const empty = tokens(
    '0 content How many?',
    '1 template <|assistant|>',
    '1 template <think>',
    '1 template \n\n',
    '1 template </think>',
    '1 content one',
  );
  expect(offPosition(plain, empty, 5, five)!.chat.ids).toEqual([77]);
});

test('bytes that are no whole character add nothing to the words; a split character is whole or not there', () => {
  expect(wordOf({ text: '‹E5 8D›' })).toBe('');
  expect(wordOf({ text: '‹quoted›' })).toBe('‹quoted›');
  const part = (index: number): Token => ({
    id: index,
    text: '\ufffd',
    position: index,
    special: false,
    fragment: { text: '汉', index, count: 3 },
  });
  const plain: Token = { id: 9, text: 'a', position: 3, special: false };
  expect(textOf([part(0), part(1), part(2), plain])).toBe('汉a');
  expect(textOf([plain, part(0), part(1)])).toBe('a');
  expect(textOf([part(1), part(2), plain])).toBe('a');
});

test('the tokens of a begun answer are those behind where the assistant begins', async () => {
  const lens = (before: number[], all: number[]) =>
    ({
      tokenize: async (prompt: Chat) => (prompt.open ? all : before).map((id) => ({ id }) as Token),
    }) as unknown as Lens;
  const begun: Chat = { messages: chat.messages.slice(0, 2), open: true };
  expect(await begunIds(lens([1, 2], [1, 2, 3, 4]), begun)).toEqual([3, 4]);
  expect(await begunIds(lens([1, 2], [1, 9, 3]), begun)).toBeNull();
  expect(await begunIds(lens([], []), chat)).toEqual([]);
  expect(await begunIds(lens([], []), { ...begun, ids: [5] })).toEqual([5]);
});

test('a character that begun tokens cut and the other token completes is in the branch’s words', async () => {
  const fragments: Token[] = [7, 8, 9].map((id, index) => ({
    id,
    text: '\ufffd',
    position: index,
    special: false,
    fragment: { text: '汉', index, count: 3 },
  }));
  const lens = (own: Token[]) => ({ tokenize: async () => [{ id: 1, text: 'x' }, ...own] }) as unknown as Lens;
  const begun: Chat = {
    messages: [chat.messages[0]!, { role: 'assistant', content: '' }],
    open: true,
    ids: [7, 8],
  };
  const off = offStream(begun, [7, 8], [row(1, ' 0')], 0, { id: 9, text: '‹89›', logprob: -1 });
  expect(off.chat.messages[1]!.content).toBe('');
  expect((await worded(lens(fragments), off)).chat).toEqual({
    ...off.chat,
    messages: [chat.messages[0], { role: 'assistant', content: '汉' }],
  });
  // Still cut: left out. Tokens of something else, or a lens that fails: the words that are known.
  const cut = fragments.slice(0, 2).map(({ fragment: _, ...token }) => token);
  const still = { ...off, chat: { ...begun, ids: [7, 8] } };
  expect((await worded(lens(cut), still)).chat.messages[1]!.content).toBe('');
  expect(await worded(lens([]), off)).toEqual(off);
  const fails = { tokenize: () => Promise.reject(new Error('gone')) } as unknown as Lens;
  expect(await worded(fails, off)).toEqual(off);
});
