import { expect, test } from 'vitest';
import { columnAt, columnsOf, columnWidth } from './matrix-layout';

const chips = [' the', '中', 'a', 'internationalisation'].map((text, from) => ({ text, from, to: from, special: false }));

test('columns follow each other without gap, wide enough to be seen, never too wide', () => {
  const { edges } = columnsOf(chips);
  expect(edges).toEqual([0, 32, 47, 60, 144]);
  expect(columnWidth('')).toBe(13);
});

test('every x is in the column it stands over', () => {
  const columns = columnsOf(chips);
  expect([-1, 0, 31, 32, 46, 47, 59, 60, 143, 144].map((x) => columnAt(columns, x))).toEqual([-1, 0, 0, 1, 1, 2, 2, 3, 3, -1]);
  expect(columnAt(columnsOf([]), 0)).toBe(-1);
});
