import { expect, test } from 'vitest';
import { middle } from './middle';

test('the middle one, the upper of two, none of none', () => {
  expect([[1, 2, 3], [1, 2], [7], []].map(middle)).toEqual([[2], [2], [7], []]);
});
