import { expect, test } from 'vitest';
import { chipsOf } from '../reading/chips';
import type { Reading } from '../reading/trace';
import { threeTurns } from '../testing/conversation';
import { positionsOf, turnEnds } from './positions';

const reading = (tokens: Parameters<typeof chipsOf>[0]) =>
  ({ chips: chipsOf(tokens), count: tokens.length }) as Reading;
const talk = reading(threeTurns());
const plain = reading([{ id: 1, text: 'a', position: 0, special: false }]);

test('a turn ends with the last token that its speaker wrote, of what is in scope', () => {
  expect(turnEnds(talk, { scope: null })).toEqual([8, 23]);
  expect(turnEnds(talk, { scope: 'assistant' })).toEqual([23]);
  expect(turnEnds(talk, { scope: 'thinking' })).toEqual([16]);
  expect(turnEnds(plain, { scope: null })).toEqual([]);
  expect(turnEnds(null, { scope: null })).toEqual([]);
});

test('what is selected is put into words, or else the last token', () => {
  expect(positionsOf(talk, { locked: null, anchor: null })).toEqual([23]);
  expect(positionsOf(talk, { locked: 5, anchor: 3 })).toEqual([3, 4, 5]);
});
