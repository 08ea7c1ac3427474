import { expect, test } from 'vitest';
import { entry, run } from '../../state/testing/notebook';
import { matches } from './Entries';
import { mergedSays } from './Exchange';
import { resultSays } from './Runs';

test('the filter wants every word, anywhere in what is kept', () => {
  expect(matches(entry(), '')).toBe(true);
  expect(matches(entry(), '3:405')).toBe(true);
  expect(matches(entry(), 'han SECOND')).toBe(true);
  expect(matches(entry(), '汉')).toBe(true);
  expect(matches(entry(), 'han third')).toBe(false);
});

test('an import says how much it read and what of it was left', () => {
  expect(mergedSays({ entries: 12, runs: 3, older: 2 })).toBe(
    '12 features and 3 runs read; 2 not newer than yours, left out.',
  );
  expect(mergedSays({ entries: 1, runs: 1, older: 0 })).toBe('1 feature and 1 run read.');
});

test('a run’s result says n, its KL with its direction and where the draws lie, and judges nothing', () => {
  expect(resultSays(run())).toBe('2 tokens; mean KL(steered || baseline) 0.500 nats, 3 random draws 0.125 to 0.250');
  expect(resultSays(run(0, { band: [[0.9]] }))).toBe(
    '2 tokens; mean KL(steered || baseline) 0.500 nats, 2 random draws 0.125 to 0.900',
  );
  expect(resultSays(run(0, { band: null, complete: false }))).toBe('2 tokens, stopped; no control band');
  expect(resultSays(run(0, { control: null, band: null }))).toBe('2 tokens; control off');
  expect(resultSays(run(0, { steered: null, control: null, band: null }))).toBe('2 tokens');
});
