import { expect, test } from 'vitest';
import type { RunEdit } from '../../state/notebook/record';
import { run } from '../../state/testing/notebook';
import { compareRuns, editSays } from './compare';

const [edit] = run().plan.edits as [RunEdit];
const withEdits = (...edits: RunEdit[]) => run(0, { plan: { ...run().plan, edits } });

test('an edit in words says feature, mode, weight with its unit, and what is not the default', () => {
  expect(editSays(edit)).toBe('3:405 add +1.40 × max');
  expect(editSays({ ...edit, mode: 'scale', weight: -1, where: 'prompt' })).toBe(
    '3:405 scale −1.00 × the activation, prompt',
  );
  expect(editSays({ ...edit, mode: 'ablate', weight: 1, where: [2, 3], on: 'preactivation' })).toBe(
    '3:405 ablate 1.00 × the activation, position 2 to 3, from the pre-activation',
  );
});

test('what two runs differ in comes with both values; the rest is named as the same', () => {
  const { differs, same } = compareRuns(run(16), { ...withEdits({ ...edit, weight: 2, strength: 20 }) });
  expect(differs).toEqual(['strength of 3:405, 1.40 against 2.00 × max', 'seed 16 against 0']);
  expect(same).toEqual(['model', 'prompt', 'control', 'draw', 'temperature', 'top-p', 'length']);
  expect(compareRuns(run(), run()).differs).toEqual([]);
  // Two decimals would say that 1.4012 is 1.40.
  expect(compareRuns(run(), withEdits({ ...edit, weight: 1.4012, strength: 14.6 })).differs).toEqual([
    'strength of 3:405, 1.40 against 1.4012 × max',
  ]);
  expect(compareRuns(run(), withEdits({ ...edit, weight: 300, unit: 'raw', strength: 300 })).differs).toEqual([
    'strength of 3:405, 1.40 × max against 300.00 activation',
  ]);
});

test('other features, modes, places, weights of the model and ends are each said', () => {
  expect(compareRuns(run(), withEdits()).differs).toEqual(['edits (3:405 against none)']);
  expect(compareRuns(run(), withEdits({ ...edit, mode: 'clamp', on: 'everywhere' })).differs).toEqual([
    '3:405 add +1.40 × max against 3:405 clamp +1.40 × max',
  ]);
  expect(compareRuns(run(), withEdits({ ...edit, where: 'prompt', on: 'preactivation' })).differs).toEqual([
    'where 3:405 applies',
    'what 3:405 acts on',
  ]);
  expect(compareRuns(run(), withEdits({ ...edit, strength: 29 })).differs).toEqual([
    'unit of 3:405: the same 1.40 × max is 14.50 against 29.00',
  ]);
  expect(compareRuns(run(), withEdits({ ...edit, sha256: null })).differs).toEqual(['dictionary that 3:405 is of']);
  expect(compareRuns(run(), run(0, { sha256: null })).differs).toEqual(['model (other weights)']);
  expect(compareRuns(run(), run(0, { complete: false })).differs).toEqual(['the second was stopped']);
});

test('stop sequences and repetition penalty are compared where one of the runs has them', () => {
  const withMore = (more: object) => {
    const { plan } = run();
    return run(0, { plan: { ...plan, sampling: { ...plan.sampling, ...more } } });
  };
  const more = withMore({ stop: ['\n'], repetitionPenalty: 1.3 });
  expect(compareRuns(run(), more).differs).toEqual(['repetition penalty 1 against 1.3', 'stop sequences']);
  expect(compareRuns(more, more).same).toEqual(expect.arrayContaining(['repetition penalty', 'stop sequences']));
  expect(compareRuns(run(), run()).same).not.toContain('stop sequences');
});

test('runs of one strength that was shown in other units differ in nothing; with and without a first token they do', () => {
  expect(compareRuns(run(), withEdits({ ...edit, weight: 14.5, unit: 'raw' })).differs).toEqual([]);
  const begun = run(0, { plan: { ...run().plan, prependBos: true } });
  expect(compareRuns(begun, run()).differs).toEqual(['first token there against left out']);
  expect(compareRuns(begun, begun).same).toContain('first token');
});
