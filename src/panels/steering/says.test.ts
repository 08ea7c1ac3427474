import { expect, test } from 'vitest';
import { movedAtAll, movedSays } from './Preview';

test('tokens whose probability reads the same before and after are not listed', () => {
  const moved = [0.0004, -0.0006, 0.3].map((by, id) => ({ id, text: 'x', base: 0.4, edited: 0.4 + by }));
  expect(movedAtAll(moved).map((m) => m.id)).toEqual([1, 2]);
  expect([movedSays(0, 12), movedSays(1, 12), movedSays(5, 12), movedSays(12, 12)]).toEqual([
    'No probability changed by 0.001 here; later tokens may still change.',
    'One probability changed by 0.001 or more.',
    'The 5 probabilities that changed by 0.001 or more.',
    '',
  ]);
});
