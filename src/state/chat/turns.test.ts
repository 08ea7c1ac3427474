import { expect, test } from 'vitest';
import type { Chat, Role } from '../../lens/api/chat';
import {
  awaitsAnswer,
  begunWith,
  isAnswered,
  withAnswer,
  withContent,
  withMoved,
  withOpen,
  withoutTurn,
  withRole,
  withSaid,
  withTurnAt,
} from './turns';

/** A conversation of turns such as `u one`. */
const of = (turns: string[], more: Partial<Chat> = {}): Chat => ({
  messages: turns.map((turn) => ({
    role: ({ s: 'system', u: 'user', a: 'assistant' } as Record<string, Role>)[turn[0]!]!,
    content: turn.slice(2),
  })),
  ...more,
});
const begun = of(['u one', 'a two'], { open: true, ids: [5], thinking: true });

test('exact tokens go with the words that they are of, and a begun answer with its place at the end', () => {
  expect(withContent(begun, 1, 'three')).toEqual(of(['u one', 'a three'], { open: true, thinking: true }));
  expect(withContent(begun, 0, 'more')).toEqual({ ...begun, ...of(['u more', 'a two']) });
  expect(withContent(begun, 1, 'two')).toBe(begun);
  expect(withRole(begun, 1, 'user')).toEqual(of(['u one', 'u two'], { thinking: true }));
  expect(withRole(begun, 0, 'system')).toEqual({ ...begun, ...of(['s one', 'a two']) });
  expect(withTurnAt(begun, 2)).toEqual(of(['u one', 'a two', 'u '], { thinking: true }));
  expect(withTurnAt(begun, 1)).toEqual({ ...begun, ...of(['u one', 'a ', 'a two']) });
  expect(withMoved(begun, 1, -1)).toEqual(of(['a two', 'u one'], { thinking: true }));
  expect(withoutTurn(begun, 1)).toEqual(of(['u one'], { thinking: true }));
  expect(withoutTurn(begun, 0)).toEqual({ ...begun, ...of(['a two']) });
  expect(withSaid(begun, 'next')).toEqual(of(['u one', 'a two', 'u next'], { thinking: true }));
});

test('another answer at the end is not begun because the one before it was', () => {
  const two = of(['a one', 'a two'], { open: true, ids: [5] });
  expect(withoutTurn(two, 1)).toEqual(of(['a one']));
  expect(withMoved(two, 0, 1)).toEqual(of(['a two', 'a one']));
});

test('only the assistant’s last turn is begun', () => {
  expect(withOpen(of(['u one']), true, [3])).toEqual(of(['u one']));
  expect(withOpen(of(['u one', 'a two']), true, [3])).toEqual(of(['u one', 'a two'], { open: true, ids: [3] }));
  expect(withOpen(begun, false)).toEqual(of(['u one', 'a two'], { thinking: true }));
});

test('what is said next fills an empty turn of the user’s, and an answer goes on with a begun one', () => {
  expect(withSaid(begunWith(''), 'one')).toEqual(of(['u one']));
  expect(withSaid(of(['u one']), 'two')).toEqual(of(['u one', 'u two']));
  expect(withAnswer(of(['u one']), 'two')).toEqual(of(['u one', 'a two']));
  expect(withAnswer(begun, 'two three')).toEqual(of(['u one', 'a two three'], { thinking: true }));
});

test('a turn cannot be moved beyond the others, and the last that is there is emptied', () => {
  expect(withMoved(begun, 0, -1)).toBe(begun);
  expect(withMoved(begun, 1, 1)).toBe(begun);
  expect(withoutTurn(of(['a one']), 0)).toEqual(begunWith(''));
});

test('what can be generated behind', () => {
  expect([isAnswered(begun), isAnswered(of(['u one', 'a two'])), isAnswered(of(['u one'])), isAnswered('a')]).toEqual([
    false,
    true,
    false,
    false,
  ]);
  expect([
    awaitsAnswer(of(['u one'])),
    awaitsAnswer(of(['u '])),
    awaitsAnswer(begun),
    awaitsAnswer(of(['s x'])),
  ]).toEqual([true, false, false, false]);
});
