import { expect, test } from 'vitest';
import { movedAtAll, movedSays } from './Preview';
import { stepBy } from './Streams';

test('tokens whose probability reads the same before and after are not listed', () => {
  const moved = [0.0004, -0.0006, 0.3].map((by, id) => ({ id, text: 'x', base: 0.4, edited: 0.4 + by }));
  expect(movedAtAll(moved).map((m) => m.id)).toEqual([1, 2]);
  expect([movedSays(0, 12), movedSays(1, 12), movedSays(5, 12), movedSays(12, 12)]).toEqual([
    'No token moved by .001.',
    'One token moved by .001 or more.',
    'The 5 tokens that moved by .001 or more.',
    'The 12 tokens that moved most.',
  ]);
});

test('arrows go through a text token by token and stay inside it', () => {
  expect([stepBy('ArrowRight', null, 3), stepBy('ArrowRight', 1, 3), stepBy('ArrowRight', 2, 3)]).toEqual([0, 2, 2]);
  expect([stepBy('ArrowLeft', null, 3), stepBy('ArrowLeft', 1, 3), stepBy('ArrowLeft', 0, 3), stepBy('ArrowLeft', 9, 3)]).toEqual([2, 0, 0, 2]);
  expect([stepBy('Home', 2, 3), stepBy('End', 0, 3)]).toEqual([0, 2]);
  expect([stepBy('ArrowDown', 1, 3), stepBy('ArrowRight', null, 0)]).toEqual([null, null]);
});
