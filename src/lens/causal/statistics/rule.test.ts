import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { trueRate, youden } from './rule';

test('a rule’s figures give its index, and the rate behind the rate that it found', () => {
  const figures = { sensitivity: 0.9, specificity: 0.8 };
  expect(youden(figures)).toBeCloseTo(0.7, 12);
  // 40 % with the behaviour: .4 × .9 + .6 × .2 are found.
  expect(trueRate(0.48, figures)).toBeCloseTo(0.4, 12);
  expect([trueRate(0.1, figures), trueRate(1, figures)]).toEqual([0, 1]);
});

test('a rule that guesses says nothing', () => {
  expect(trueRate(0.5, { sensitivity: 0.5, specificity: 0.5 })).toBeNull();
  expect(trueRate(0.5, { sensitivity: 0.2, specificity: 0.5 })).toBeNull();
});

test('what is no rate is refused', () => {
  expect(() => trueRate(1.2, { sensitivity: 1, specificity: 1 })).toThrow(InvalidOptionError);
  expect(() => youden({ sensitivity: 1.2, specificity: 1 })).toThrow(InvalidOptionError);
});
