import { expect, test } from 'vitest';
import { movedAtAll } from './Preview';

test('tokens whose probability reads the same before and after are not listed', () => {
  const moved = [0.0004, -0.0006, 0.3].map((by, id) => ({ id, text: 'x', base: 0.4, edited: 0.4 + by }));
  expect(movedAtAll(moved).map((m) => m.id)).toEqual([1, 2]);
});
