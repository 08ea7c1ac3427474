import { expect, test } from 'vitest';
import type { EditMode } from '../../lens/api/edit';
import { controlOf } from '../../lens/maths/control';
import {
  addRow,
  amountShown,
  bandSeeds,
  controlSeed,
  type EditPatch,
  type EditRow,
  editsOf,
  isOn,
  MOST_ROWS,
  patchRow,
  positionsSay,
  removeRow,
  settleRows,
} from './edits';
import type { Scales } from './unit';

const began = { strength: 8, unit: 'max' } as const;
/** `add`, at the strength that a new row of these tests begins with. */
const add = (rows: readonly EditRow[], layer: number, feature: number) => addRow(rows, layer, feature, began);
const patch = (rows: readonly EditRow[], key: number, change: EditPatch) => patchRow(rows, key, change, () => began);

test('a new row adds along the feature, everywhere', () => {
  expect(editsOf(add([], 3, 1933))).toEqual([
    { layer: 3, feature: 1933, mode: 'add', strength: 8, on: 'active', where: 'all' },
  ]);
});

test('a row holds the engine’s own strength, whatever its unit', () => {
  const strength = (mode: EditMode) => editsOf([{ ...add([], 3, 7)[0]!, mode, strength: -1.5 }])[0]!.strength;
  expect((['add', 'clamp', 'scale', 'ablate'] as const).map(strength)).toEqual([-1.5, -1.5, -1.5, -1.5]);
});

test('what is shown of a strength is an amount of the unit that it was typed in, where that is known', () => {
  const scales = { max: 20, norm: 400 };
  const shown = (mode: EditMode, unit: 'raw' | 'max' | 'norm' | 'times', known: Scales = scales) =>
    amountShown({ mode, strength: 30, unit }, known);
  expect(shown('add', 'max')).toEqual({ unit: 'max', amount: 1.5 });
  expect(shown('clamp', 'norm')).toEqual({ unit: 'norm', amount: 0.075 });
  expect(shown('add', 'raw')).toEqual({ unit: 'raw', amount: 30 });
  expect(shown('scale', 'max')).toEqual({ unit: 'raw', amount: 30 });
  for (const unit of ['max', 'norm'] as const)
    expect(shown('add', unit, { max: null, norm: null })).toEqual({ unit: 'raw', amount: 30 });
  expect(shown('add', 'times', { max: null, norm: null })).toEqual({ unit: 'max', amount: 30 });
});

const stands = (rows: readonly EditRow[]) => rows.map(({ mode, strength, on }) => [mode, strength, on]);

test('a mode begins where it does something in the sense of the row, and is found again as it was left', () => {
  const suppressing = patch(add([], 3, 7), 1, { strength: -2 });
  expect(stands(patch(suppressing, 1, { mode: 'ablate' }))).toEqual([['ablate', 1, 'active']]);
  expect(stands(patch(suppressing, 1, { mode: 'scale' }))).toEqual([['scale', -1, 'active']]);
  expect(stands(patch(suppressing, 1, { mode: 'clamp' }))).toEqual([['clamp', 0, 'everywhere']]);
  const giving = add([], 3, 7);
  expect(stands(patch(giving, 1, { mode: 'ablate' }))).toEqual([['ablate', 1, 'active']]);
  expect(stands(patch(giving, 1, { mode: 'scale' }))).toEqual([['scale', 1, 'active']]);
  expect(stands(patch(giving, 1, { mode: 'clamp' }))).toEqual([['clamp', 8, 'everywhere']]);

  const there = patch(patch(suppressing, 1, { mode: 'clamp' }), 1, { on: 'preactivation', strength: 0.5 });
  const back = patch(there, 1, { mode: 'add' });
  expect(stands(back)).toEqual([['add', -2, 'active']]);
  expect(stands(patch(patch(back, 1, { mode: 'ablate' }), 1, { mode: 'clamp' }))).toEqual([
    ['clamp', 0.5, 'preactivation'],
  ]);
});

test('clamp to 0 is an edit: the ablation of the feature', () => {
  const rows = patch(patch(add([], 3, 7), 1, { mode: 'clamp' }), 1, { strength: 0 });
  expect(editsOf(rows)).toMatchObject([{ mode: 'clamp', strength: 0, on: 'everywhere' }]);
  expect(editsOf(patch(rows, 1, { enabled: false }))).toEqual([]);
});

test('rows that are off or at 0 send no edit', () => {
  const rows = add(add([], 3, 7), 4, 8);
  expect(editsOf(patch(rows, 1, { strength: 0 })).map((e) => e.feature)).toEqual([8]);
  expect(editsOf(patch(rows, 2, { enabled: false })).map((e) => e.feature)).toEqual([7]);
});

test('reducers leave their input alone, keys stay unique after a removal', () => {
  const two = add(add([], 3, 7), 3, 8);
  const frozen = JSON.stringify(two);
  const three = add(removeRow(two, 1), 3, 9);
  patch(two, 2, { strength: 3 });
  expect(JSON.stringify(two)).toBe(frozen);
  expect(new Set(three.map((r) => r.key)).size).toBe(2);
});

test('a row takes any number of float32, none is brought into a range', () => {
  const after = (strength: number) => patch(add([], 3, 7), 1, { strength })[0]!.strength;
  for (const strength of [300, -300, 1.23456, 1e-30, -3e38]) expect(after(strength)).toBe(strength);
  // Beyond it nothing is computed with, and nothing changes.
  for (const strength of [1e39, Number.NaN, Number.POSITIVE_INFINITY]) expect(after(strength)).toBe(8);
  expect(Object.is(after(-0), 0)).toBe(true);
});

test('another unit changes no strength', () => {
  const rows = patch(add([], 3, 7), 1, { unit: 'raw' });
  expect(editsOf(rows)).toEqual(editsOf(add([], 3, 7)));
});

test('strengths that count maxima are settled once their dictionary is open, also those a row was left at', () => {
  const old = addRow([], 3, 7, { strength: 3, unit: 'times' });
  expect(settleRows(old, [4], () => 20)[0]).toMatchObject({ strength: 3, unit: 'times', closed: true });
  const left = patch(old, 1, { mode: 'ablate' });
  const open = settleRows(left, [3], () => 20);
  expect(open[0]).toMatchObject({ mode: 'ablate', strength: 1 });
  expect(patch(open, 1, { mode: 'add' })[0]).toMatchObject({ strength: 60, unit: 'max' });
  expect(settleRows(old, [3], () => null)[0]).toMatchObject({ strength: 3, unit: 'raw' });
  expect(settleRows(open, [3], () => 20)).toBe(open);
});

test('the list ends at its limit', () => {
  let rows = add([], 3, 0);
  for (let i = 1; i < MOST_ROWS + 5; i++) rows = add(rows, 3, i);
  expect(rows.length).toBe(MOST_ROWS);
});

test('the control is the same edit along a random direction; no two draws share a seed', () => {
  const edits = editsOf(add([], 3, 7));
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
  const none = () => null;
  const rows = [...add([], 3, 1), ...add([], 4, 1)];
  const marked = settleRows(rows, [3], none);
  expect(marked.map(isOn)).toEqual([true, false]);
  expect(editsOf(marked).map(({ layer }) => layer)).toEqual([3]);
  expect(settleRows(marked, [3], none)).toBe(marked);
  expect(settleRows(marked, [3, 4], none)).toEqual(rows);
});
