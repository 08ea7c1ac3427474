import { expect, test } from 'vitest';
import { familyOf } from './memory.mjs';

test('a family is its root and whatever that started, in any order', () => {
  const processes = [
    { pid: 5, parent: 4 },
    { pid: 4, parent: 2 },
    { pid: 2, parent: 1, root: true },
    { pid: 3, parent: 1 },
    { pid: 6, parent: 3 },
  ];
  expect(familyOf(processes, ({ root }) => root).map(({ pid }) => pid)).toEqual([5, 4, 2]);
});
