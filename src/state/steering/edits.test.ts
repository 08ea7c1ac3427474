import { expect, test } from 'vitest';
import type { EditMode } from '../../lens/api/edit';
import { controlOf } from '../../lens/maths/control';
import {
  addRow,
  bandSeeds,
  controlSeed,
  type EditPatch,
  type EditRow,
  editsOf,
  isOn,
  MOST_ROWS,
  MOST_WEIGHT,
  markClosed,
  patchRow,
  positionsSay,
  removeRow,
  settleWeight,
} from './edits';

const unit = () => ({ value: 20, source: 'statistics' as const });

/** `add`, at the weight that a new row of these tests begins with. */
const add = (rows: readonly EditRow[], layer: number, feature: number) => addRow(rows, layer, feature, 0.4);
const patch = (rows: readonly EditRow[], key: number, change: EditPatch) => patchRow(rows, key, change, () => 0.4);

test('a new row adds along the feature, everywhere', () => {
  expect(editsOf(add([], 3, 1933), unit)).toEqual([
    { layer: 3, feature: 1933, mode: 'add', strength: 8, on: 'active', where: 'all' },
  ]);
});

test('strength is in maxima for add and clamp, a factor for scale and ablate', () => {
  const strength = (mode: EditMode) => editsOf([{ ...add([], 3, 7)[0]!, mode, weight: -1.5 }], unit)[0]!.strength;
  expect((['add', 'clamp', 'scale', 'ablate'] as const).map(strength)).toEqual([-30, -30, -1.5, -1.5]);
});

const stands = (rows: readonly EditRow[]) => rows.map(({ mode, weight, on }) => [mode, weight, on]);

test('a mode begins where it does something in the sense of the row, and is found again as it was left', () => {
  const suppressing = patch(add([], 3, 7), 1, { weight: -2 });
  expect(stands(patch(suppressing, 1, { mode: 'ablate' }))).toEqual([['ablate', 1, 'active']]);
  expect(stands(patch(suppressing, 1, { mode: 'scale' }))).toEqual([['scale', -1, 'active']]);
  expect(stands(patch(suppressing, 1, { mode: 'clamp' }))).toEqual([['clamp', 0, 'everywhere']]);
  const giving = add([], 3, 7);
  expect(stands(patch(giving, 1, { mode: 'ablate' }))).toEqual([['ablate', 1, 'active']]);
  expect(stands(patch(giving, 1, { mode: 'scale' }))).toEqual([['scale', 1, 'active']]);
  expect(stands(patch(giving, 1, { mode: 'clamp' }))).toEqual([['clamp', 0.4, 'everywhere']]);

  const there = patch(patch(suppressing, 1, { mode: 'clamp' }), 1, { on: 'preactivation', weight: 0.5 });
  const back = patch(there, 1, { mode: 'add' });
  expect(stands(back)).toEqual([['add', -2, 'active']]);
  expect(stands(patch(patch(back, 1, { mode: 'ablate' }), 1, { mode: 'clamp' }))).toEqual([
    ['clamp', 0.5, 'preactivation'],
  ]);
});

test('clamp to 0 is an edit: the ablation of the feature', () => {
  const rows = patch(patch(add([], 3, 7), 1, { mode: 'clamp' }), 1, { weight: 0 });
  expect(editsOf(rows, unit)).toMatchObject([{ mode: 'clamp', strength: 0, on: 'everywhere' }]);
  expect(editsOf(patch(rows, 1, { enabled: false }), unit)).toEqual([]);
});

test('rows that are off or at 0 send no edit', () => {
  const rows = add(add([], 3, 7), 4, 8);
  expect(editsOf(patch(rows, 1, { weight: 0 }), unit).map((e) => e.feature)).toEqual([8]);
  expect(editsOf(patch(rows, 2, { enabled: false }), unit).map((e) => e.feature)).toEqual([7]);
});

test('reducers leave their input alone, keys stay unique after a removal', () => {
  const two = add(add([], 3, 7), 3, 8);
  const frozen = JSON.stringify(two);
  const three = add(removeRow(two, 1), 3, 9);
  patch(two, 2, { weight: 3 });
  expect(JSON.stringify(two)).toBe(frozen);
  expect(new Set(three.map((r) => r.key)).size).toBe(2);
});

test('weights settle on the .05 rule, wherever they are', () => {
  expect(settleWeight(1.0249)).toBe(1);
  expect(settleWeight(99.02)).toBe(99);
  expect(settleWeight(Number.NaN)).toBe(0);
  expect(settleWeight(1e12)).toBe(MOST_WEIGHT);
  expect(Object.is(settleWeight(-0.001), 0)).toBe(true);
});

test('an exact weight stays as it is while something else of the row changes', () => {
  const exact = [{ ...add([], 3, 7)[0]!, weight: 1.2345 }];
  expect(patch(exact, 1, { enabled: false, where: 'prompt', on: 'preactivation' })[0]!.weight).toBe(1.2345);
  expect(patch(exact, 1, { weight: 1.23456 })[0]!.weight).toBe(1.2346);
});

test('the list ends at its limit', () => {
  let rows = add([], 3, 0);
  for (let i = 1; i < MOST_ROWS + 5; i++) rows = add(rows, 3, i);
  expect(rows.length).toBe(MOST_ROWS);
});

test('the control is the same edit along a random direction; no two draws share a seed', () => {
  const edits = editsOf(add([], 3, 7), unit);
  expect(controlOf(edits, 8)).toEqual([{ ...edits[0], direction: { random: 8 } }]);
  const seeds = [1, 2, 3].flatMap((draw) => [controlSeed(draw), ...bandSeeds(draw)]);
  expect(new Set(seeds).size).toBe(24);
});

test('positions are said as spans, many of them in part', () => {
  expect(positionsSay([7])).toBe('position 7');
  expect(positionsSay([3, 4, 5, 9])).toBe('position 3 to 5, 9');
  expect(positionsSay([1, 3, 5, 7, 9, 10])).toBe('position 1, 3, 5, 7, … (6 positions)');
});

test('a row whose dictionary is not open does nothing until it is', () => {
  const rows = [...add([], 3, 1), ...add([], 4, 1)];
  const marked = markClosed(rows, [3]);
  expect(marked.map(isOn)).toEqual([true, false]);
  expect(editsOf(marked, () => ({ value: 1, source: 'none' })).map(({ layer }) => layer)).toEqual([3]);
  expect(markClosed(marked, [3])).toBe(marked);
  expect(markClosed(marked, [3, 4])).toEqual(rows);
});
