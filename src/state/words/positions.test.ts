import { expect, test } from 'vitest';
import { chipsOf } from '../reading/chips';
import type { Reading } from '../reading/trace';
import { threeTurns } from '../testing/conversation';
import { positionsOf, turnEnds } from './positions';

const reading = (tokens: Parameters<typeof chipsOf>[0]) =>
  ({ chips: chipsOf(tokens), count: tokens.length, sinks: {} }) as unknown as Reading;
const talk = reading(threeTurns());
const plain = reading([{ id: 1, text: 'a', position: 0, special: false }]);

test('a turn ends with the last token that its speaker wrote, of what is in scope', () => {
  expect(turnEnds(talk, { scope: null, first: false }, 3)).toEqual([8, 23]);
  expect(turnEnds(talk, { scope: 'assistant', first: false }, 3)).toEqual([23]);
  expect(turnEnds(talk, { scope: 'thinking', first: false }, 3)).toEqual([16]);
  expect(turnEnds(plain, { scope: null, first: false }, 3)).toEqual([]);
  const sunk: Reading = { ...talk, sinks: { 3: new Set([0, 8, 15, 16]) } };
  expect(turnEnds(sunk, { scope: null, first: false }, 3)).toEqual([7, 23]);
  expect(turnEnds(sunk, { scope: null, first: true }, 3)).toEqual([8, 23]);
  expect(turnEnds(sunk, { scope: null, first: false }, 4)).toEqual([8, 23]);
  // Where a turn has nothing else, a sink.
  expect(turnEnds(sunk, { scope: 'thinking', first: false }, 3)).toEqual([15]);
  expect(turnEnds(null, { scope: null, first: false }, 3)).toEqual([]);
});

test('what is selected is put into words, or else the last token', () => {
  expect(positionsOf(talk, { locked: null, anchor: null })).toEqual([23]);
  expect(positionsOf(talk, { locked: 5, anchor: 3 })).toEqual([3, 4, 5]);
});
