import { expect, test } from 'vitest';
import { InvalidOptionError } from '../../api/errors';
import { promptsForMean, promptsForRate, seedsWorth, smallestEffect } from './needed';
import { expectClose, opinion } from './testing/second-opinion';

const usual = { alpha: 0.05, power: 0.8 };

test('the published sizes', () => {
  expect(promptsForRate(0.1, 0.2, usual)).toBe(122);
  expect(promptsForRate(0.1, 0.3, usual)).toBe(184);
  expect(promptsForRate(0.2, 0.3, usual)).toBe(45);
  expect(promptsForRate(0.35, 0.37, usual)).toBe(17);
});

test('sizes and smallest effects are the second opinion’s', () => {
  for (const { effect, turned, alpha, power, rate, mean, smallest } of opinion.needed) {
    const size = { alpha, power };
    expect(promptsForRate(effect, turned, size)).toBe(rate);
    expect(promptsForMean(effect, { between: turned, within: 0.1 }, 3, size)).toBe(mean);
    expectClose([smallestEffect(40, Math.sqrt(turned), size)], [smallest]);
  }
});

test('the smallest effect that n prompts see needs n prompts', () => {
  const effect = smallestEffect(60, 0.5, usual);
  expect(promptsForMean(effect * 1.0001, { between: 0.25, within: 0 }, 1, usual)).toBe(60);
});

test('more seeds are worth it only where texts of a prompt differ more than prompts do', () => {
  expect(seedsWorth({ between: 1, within: 0.1 }, 1, 1)).toBe(1);
  expect(seedsWorth({ between: 1, within: 4 }, 4, 1)).toBe(4);
});

test('what nothing can see is refused', () => {
  expect(() => promptsForRate(0, 0.2, usual)).toThrow(InvalidOptionError);
  expect(() => promptsForRate(0.3, 0.2, usual)).toThrow(InvalidOptionError);
  expect(() => promptsForMean(0.1, { between: -1, within: 0 }, 1, usual)).toThrow(InvalidOptionError);
  expect(() => promptsForMean(0.1, { between: 1, within: 0 }, 0, usual)).toThrow(InvalidOptionError);
  expect(() => promptsForRate(0.1, 0.2, { alpha: 0.05, power: 1 })).toThrow(InvalidOptionError);
  expect(() => seedsWorth({ between: 0, within: 1 }, 1, 1)).toThrow(InvalidOptionError);
});
