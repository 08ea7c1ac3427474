import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { binomialTails } from './binomial';
import { expectClose } from './testing/second-opinion';

test('both tails hold what is seen', () => {
  expect(binomialTails(7, 8, 0.5)).toEqual({ atLeast: 9 / 256, atMost: 255 / 256, exactly: 8 / 256 });
  const { atLeast, atMost, exactly } = binomialTails(3, 11, 0.2);
  expectClose([atLeast + atMost - exactly], [1], 1e-15);
});

test('a sure thing has no tail beyond it', () => {
  expect(binomialTails(2, 5, 0)).toEqual({ atLeast: 0, atMost: 1, exactly: 0 });
  expect(binomialTails(5, 5, 1)).toEqual({ atLeast: 1, atMost: 1, exactly: 1 });
  expect(binomialTails(0, 0, 0.5)).toEqual({ atLeast: 1, atMost: 1, exactly: 1 });
});

test('many tries neither overflow nor lose the middle', () => {
  const { atLeast, exactly } = binomialTails(50_000, 100_000, 0.5);
  expectClose([atLeast - exactly / 2], [0.5], 1e-12);
});

test('more hits than tries are refused', () => {
  expect(() => binomialTails(3, 2, 0.5)).toThrow(InvalidOptionError);
  expect(() => binomialTails(1.5, 2, 0.5)).toThrow(InvalidOptionError);
  expect(() => binomialTails(1, 2, Number.NaN)).toThrow(InvalidOptionError);
});
