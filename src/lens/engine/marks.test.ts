import { expect, test } from 'vitest';
import type { Message, Role } from '../api/chat';
import { findRegions } from './marks';
import { segmentsOf } from './segments';

const turns = (...messages: [Role, string][]): Message[] => messages.map(([role, content]) => ({ role, content }));

const segmentsIn = (messages: Message[]) => segmentsOf(messages, { tagged: true, opened: false });

/** What is found of a conversation: turn, and text. Behind `said` nothing is said. */
function found(
  messages: Message[],
  render: (messages: Message[]) => string,
  said = render(messages).length,
): [number, string][] {
  const plain = render(messages);
  const regions = findRegions({ plain, said, messages, segments: segmentsIn(messages), render });
  return regions.map(({ segment, begin, end }) => [segment.turn, plain.slice(begin, end)]);
}

const lines = (messages: Message[]) => messages.map(({ role, content }) => `${role}: ${content}\n`).join('');

test('what was said is found where it is written, in the order of the text', () => {
  const messages = turns(['system', 'S'], ['user', 'user'], ['assistant', 'A'], ['user', 'B']);
  expect(found(messages, lines)).toEqual([
    [0, 'S'],
    [1, 'user'],
    [2, 'A'],
    [3, 'B'],
  ]);
  // Mistral's way: the system prompt stands before the last question.
  const late = ([system, ...rest]: Message[]) => lines([...rest.slice(0, -1), system!, rest.at(-1)!]);
  expect(found(messages, late).map(([turn]) => turn)).toEqual([1, 2, 0, 3]);
});

test('what is left out is not found, what is repeated is found twice', () => {
  const messages = turns(['user', 'a'], ['assistant', 'b'], ['user', 'c']);
  expect(found(messages, (all) => lines(all.filter(({ role }) => role === 'user')))).toEqual([
    [0, 'a'],
    [2, 'c'],
  ]);
  expect(found(messages, (all) => lines([...all, all[2]!])).map(([turn]) => turn)).toEqual([0, 1, 2, 2]);
});

test('where a template looks at a content, its text is searched between its neighbours', () => {
  const looks = (messages: Message[]) =>
    lines(messages.map(({ role, content }) => ({ role, content: content === 'ping' ? 'ping!' : content })));
  expect(found(turns(['user', 'a'], ['user', 'ping'], ['user', ' b ']), looks)).toEqual([
    [0, 'a'],
    [1, 'ping'],
    [2, ' b '],
  ]);
  const twice = (messages: Message[]) =>
    lines(messages.map(({ role, content }) => ({ role, content: content === 'ping' ? 'ping ping' : content })));
  expect(found(turns(['user', 'a'], ['user', 'ping'], ['user', 'b']), twice)).toEqual([
    [0, 'a'],
    [2, 'b'],
  ]);
});

test('a content that the template drops is not searched', () => {
  // It answers `x` of itself, and looks at `ping`.
  const drops = (messages: Message[]) =>
    messages
      .filter(({ role }) => role === 'user')
      .map(({ content }) => `user: ${content === 'ping' ? 'ping!' : content}\n`)
      .join('x ');
  expect(found(turns(['user', 'ping'], ['assistant', 'x'], ['user', 'c']), drops)).toEqual([
    [0, 'ping'],
    [2, 'c'],
  ]);
});

test('a content that comes out otherwise is found as it comes; one of which the template makes something else is not', () => {
  const upper = (messages: Message[]) =>
    lines(messages.map(({ role, content }) => ({ role, content: role === 'user' ? content.toUpperCase() : content })));
  expect(found(turns(['user', 'ß'], ['assistant', 'b']), upper)).toEqual([
    [0, 'SS'],
    [1, 'b'],
  ]);
  const counts = (messages: Message[]) => messages.map(({ content }) => content.length).join();
  expect(found(turns(['user', 'abc']), counts)).toEqual([]);
  const half = (messages: Message[]) =>
    lines(messages.map(({ role, content }) => ({ role, content: content.slice(3) })));
  expect(found(turns(['user', 'abcdef']), half)).toEqual([]);
});

test('white space at the ends is found as far as the template keeps it, message by message', () => {
  const left = (messages: Message[]) =>
    lines(messages.map(({ role, content }) => ({ role, content: role === 'user' ? content.trimStart() : content })));
  const messages = turns(['user', '\n a '], ['assistant', '\n b '], ['user', '  '], ['assistant', ''], ['user', '']);
  expect(found(messages, left)).toEqual([
    [0, 'a'],
    [1, '\n b '],
    [3, ''],
    [4, ''],
  ]);
});

test('white space is looked at once for all that are alike, and the last time apart', () => {
  let renderings = 0;
  const trims = (which: (turn: number) => boolean) => (messages: Message[]) => {
    renderings++;
    return lines(
      messages.map(({ role, content }, turn) => ({ role, content: which(turn) ? content.trim() : content })),
    );
  };
  const messages = turns(...Array.from({ length: 41 }, (_, i): [Role, string] => ['user', `\n${i}`]));
  const texts = (which: (turn: number) => boolean) => found(messages, trims(which)).map(([, text]) => text);
  expect(texts((turn) => turn === 40)).toEqual(messages.map((_, i) => (i < 40 ? `\n${i}` : '40')));
  expect(renderings).toBeLessThan(8);
  expect(texts((turn) => turn < 40)).toEqual(messages.map((_, i) => (i < 40 ? `${i}` : '\n40')));
});

test('one content that bears no marks among many costs few renderings', () => {
  let renderings = 0;
  const looks = (messages: Message[]) => {
    renderings++;
    return lines(messages.map(({ role, content }) => ({ role, content: content === 'ping' ? 'ping!' : content })));
  };
  const messages = turns(
    ...Array.from({ length: 64 }, (_, i): [Role, string] => ['user', i === 21 ? 'ping' : `${i}.`]),
  );
  expect(found(messages, looks)).toHaveLength(64);
  expect(renderings).toBeLessThan(20);
});

test('characters of the private planes are said like others', () => {
  const own = '\u{f0000}\u{f0001}x\u{10ffff}\u{f0003}';
  expect(found(turns(['user', own], ['assistant', '\u{f0002}'], ['user', own]), lines)).toEqual([
    [0, own],
    [1, '\u{f0002}'],
    [2, own],
  ]);
});

test('a template that refuses the marks is met as one that changes with them', () => {
  const plain = 'user: hi\n';
  const messages = turns(['user', 'hi']);
  const segments = segmentsIn(messages);
  const regions = findRegions({ plain, said: plain.length, messages, segments, render: () => null });
  expect(regions.map(({ begin, end }) => [begin, end])).toEqual([[6, 8]]);
});

test('nothing is said behind the place where the assistant begins', () => {
  const drops = (messages: Message[]) =>
    `${lines(messages.filter(({ content }) => content !== 'assistant'))}assistant: `;
  const messages = turns(['user', 'a'], ['user', 'assistant']);
  expect(found(messages, drops, 'user: a\n'.length)).toEqual([[0, 'a']]);
});

test('renderings are bounded where no content bears marks; what stands alone is found all the same', () => {
  let renderings = 0;
  const counts = (messages: Message[]) => {
    renderings++;
    return messages.map(({ content }) => `${content.length} ${content}\n`).join('');
  };
  const messages = turns(...Array.from({ length: 1000 }, (_, i): [Role, string] => ['user', `m${i}.`]));
  expect(found(messages, counts)).toEqual(messages.map(({ content }, turn) => [turn, content]));
  expect(renderings).toBeLessThan(40);
});

test('where more segments are than there are marks, none is marked', () => {
  const messages = turns(['assistant', `x${'<think>a</think>b'.repeat(33_000)}`]);
  const seen: string[] = [];
  const render = (all: Message[]) => {
    seen.push(all[0]!.content);
    return lines(all);
  };
  found(messages, render);
  expect(seen.filter((content) => content !== messages[0]!.content)).toEqual([]);
});
