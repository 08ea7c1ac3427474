import { expect, test } from 'vitest';
import { createExact } from './exact';

test('the tokens of words are their model’s own, and the last that were put', () => {
  const exact = createExact();
  exact.put('one two', 'm', [1, 2]);
  expect(exact.of('one two', 'm')).toEqual([1, 2]);
  expect(exact.of('one two', 'other')).toBeUndefined();
  expect(exact.of('one', 'm')).toBeUndefined();
  exact.put('one two', 'm', [3]);
  expect(exact.of('one two', 'm')).toEqual([3]);
});

test('where there are too many the oldest go', () => {
  const exact = createExact(2);
  for (const text of ['one', 'two', 'one', 'three']) exact.put(text, 'm', [text.length]);
  expect(['one', 'two', 'three'].map((text) => exact.of(text, 'm'))).toEqual([[3], undefined, [5]]);
});
