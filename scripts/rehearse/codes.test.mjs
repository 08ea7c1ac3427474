import { expect, test } from 'vitest';
import { compareCodes } from './codes.mjs';

/** Two rows of width 5, k 2. */
const size = { rows: 2, k: 2, width: 5 };
const oracle = {
  ids: [3, 1, 0, 4],
  values: [5, 4, 2, 1],
  preactivations: [0, 4, 3.9999, 5, -1, 2, 0, 0.5, 0, 1],
};
const page = (/** @type {number[]} */ ids, /** @type {number[]} */ values) =>
  compareCodes({ ids, values }, oracle, size);

test('equal codes are equal, in any order of the slots', () => {
  expect(page([3, 1, 0, 4], [5, 4, 2, 1])).toEqual({ slots: 4, different: 0, ties: 0, values: 0, beyond: 0 });
  expect(page([1, 3, 4, 0], [4, 5, 1, 2]).different).toBe(0);
});

test('a latent as near as makes no difference to the k-th may stand for it', () => {
  expect(page([3, 2, 0, 4], [5, 4, 2, 1])).toMatchObject({ different: 0, ties: 1, beyond: 0 });
  expect(page([3, 0, 0, 4], [5, 0, 2, 1])).toMatchObject({ different: 1, ties: 0 });
});

test('a value that is another is seen, and how far', () => {
  expect(page([3, 1, 0, 4], [5, 4, 2.1, 1])).toMatchObject({ different: 0, beyond: 1 });
  expect(page([3, 1, 0, 4], [5, 4, 2.1, 1]).values).toBeCloseTo(0.05, 6);
  expect(page([3, 1, 0, 4], [5, 4, Number.NaN, 1]).beyond).toBe(1);
});

test('an id twice, or one that is none, is different', () => {
  expect(page([3, 3, 0, 4], [5, 5, 2, 1])).toMatchObject({ beyond: 1 });
  expect(page([3, 0xffffffff, 0, 4], [5, 0, 2, 1])).toMatchObject({ different: 1, beyond: 1 });
});
