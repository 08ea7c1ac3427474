import { expect, test } from 'vitest';
import { areaPath, linePath } from './kl-path';

const x = (i: number) => 10 * i;
const y = (value: number) => 100 - 10 * value;

test('a line goes through its values and breaks where one is missing', () => {
  expect(linePath([1, 2.25, undefined, 4], x, y)).toBe('M0 90L10 77.5M30 60');
  expect(linePath([], x, y)).toBe('');
});

test('an area is an outline, there above and back below, one for each run of values', () => {
  expect(areaPath([[1, 2], [3, 4], undefined, [0, 1]], x, y)).toBe('M0 80L10 60L10 70L0 90ZM30 90L30 100Z');
  expect(areaPath([undefined], x, y)).toBe('');
});
