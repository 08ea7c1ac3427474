import { expect, test } from 'vitest';
import { unittestCounts } from './training-tests.mjs';

test("unittest's last lines are counted", () => {
  expect(unittestCounts('.....\nRan 18 tests in 7.6s\n\nOK\n')).toEqual({
    numPassedTests: 18,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
  });
  expect(unittestCounts('Ran 18 tests in 5.1s\n\nFAILED (failures=2, errors=1, skipped=3)')).toEqual({
    numPassedTests: 12,
    numFailedTests: 3,
    numPendingTests: 3,
    numTodoTests: 0,
  });
});

test('what says nothing has run nothing', () => {
  expect(unittestCounts('Traceback (most recent call last):').numPassedTests).toBe(0);
});
