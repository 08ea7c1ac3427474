import { expect, test } from 'vitest';
import { controlOf } from '../../lens/maths/control';
import {
  addRow,
  bandSeeds,
  controlSeed,
  editsOf,
  isOn,
  MOST_ROWS,
  markClosed,
  patchRow,
  positionsSay,
  removeRow,
  settleWeight,
} from './edits';

const unit = () => ({ value: 20, source: 'statistics' as const });

test('a new row adds along the feature at +1 of its maximum, everywhere', () => {
  expect(editsOf(addRow([], 3, 1933), unit)).toEqual([
    { layer: 3, feature: 1933, mode: 'add', strength: 20, on: 'code', where: 'all' },
  ]);
});

test('strength is in maxima for add and clamp, a factor for scale and ablate', () => {
  const rows = patchRow(addRow([], 3, 7), 1, { weight: -1.5 });
  const strength = (mode: 'add' | 'clamp' | 'scale' | 'ablate') =>
    editsOf(patchRow(rows, 1, { mode }), unit).map((e) => e.strength);
  expect(strength('add')).toEqual([-30]);
  expect(strength('clamp')).toEqual([-30]);
  expect(strength('scale')).toEqual([-1.5]);
  expect(strength('ablate')).toEqual([]);
  expect(editsOf(patchRow(patchRow(rows, 1, { weight: 2 }), 1, { mode: 'ablate' }), unit)[0]!.strength).toBe(1);
});

test('rows that are off or at 0 send no edit', () => {
  const rows = addRow(addRow([], 3, 7), 4, 8);
  expect(editsOf(patchRow(rows, 1, { weight: 0 }), unit).map((e) => e.feature)).toEqual([8]);
  expect(editsOf(patchRow(rows, 2, { enabled: false }), unit).map((e) => e.feature)).toEqual([7]);
});

test('reducers leave their input alone, keys stay unique after a removal', () => {
  const two = addRow(addRow([], 3, 7), 3, 8);
  const frozen = JSON.stringify(two);
  const three = addRow(removeRow(two, 1), 3, 9);
  patchRow(two, 2, { weight: 3 });
  expect(JSON.stringify(two)).toBe(frozen);
  expect(new Set(three.map((r) => r.key)).size).toBe(2);
});

test('weights settle on the .05 rule inside the range', () => {
  expect(settleWeight('add', 1.0249)).toBe(1);
  expect(settleWeight('add', 99)).toBe(3);
  expect(settleWeight('ablate', -2)).toBe(0);
  expect(settleWeight('add', Number.NaN)).toBe(0);
  expect(Object.is(settleWeight('add', -0.001), 0)).toBe(true);
});

test('an exact weight stays as it is while something else of the row changes', () => {
  const exact = [{ ...addRow([], 3, 7)[0]!, weight: 1.2345 }];
  expect(patchRow(exact, 1, { enabled: false, where: 'prompt', on: 'preactivation' })[0]!.weight).toBe(1.2345);
  expect(patchRow(exact, 1, { mode: 'ablate' })[0]!.weight).toBe(1);
  expect(patchRow(exact, 1, { weight: 1.2345 })[0]!.weight).toBe(1.25);
});

test('the list ends at its limit', () => {
  let rows = addRow([], 3, 0);
  for (let i = 1; i < MOST_ROWS + 5; i++) rows = addRow(rows, 3, i);
  expect(rows.length).toBe(MOST_ROWS);
});

test('the control is the same edit along a random direction; no two draws share a seed', () => {
  const edits = editsOf(addRow([], 3, 7), unit);
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
  const rows = [...addRow([], 3, 1), ...addRow([], 4, 1)];
  const marked = markClosed(rows, [3]);
  expect(marked.map(isOn)).toEqual([true, false]);
  expect(editsOf(marked, () => ({ value: 1, source: 'none' })).map(({ layer }) => layer)).toEqual([3]);
  expect(markClosed(marked, [3])).toBe(marked);
  expect(markClosed(marked, [3, 4])).toEqual(rows);
});
