import { expect, test } from 'vitest';
import type { GeneratedRow } from '../../lens/api/generate';
import type { SiteCodes } from '../../lens/api/site';
import { markSinks } from './fed-sinks';

const codes = (norm: number, peak?: number) =>
  ({ norm: Float32Array.of(norm), ...(peak !== undefined && { peak: Float32Array.of(peak) }) }) as SiteCodes;
const row = (of: GeneratedRow['codes']) => ({ text: 'a', codes: of }) as GeneratedRow;
const marks = (rows: (GeneratedRow | null)[], layers: number[], median: number | null, position = 20) =>
  markSinks({ rows, position }, layers, () => median).map((one) => one?.sink);

test('a row that read a sink is marked, by the edited sites alone', () => {
  const rows = [row({ 3: codes(400, 0.9), 4: codes(100, 0.9) }), null, row({ 3: codes(400, 0.5), 4: codes(900, 0.1) })];
  expect(marks(rows, [3, 4], 100)).toEqual([true, undefined, true]);
  expect(marks(rows, [3], 100)).toEqual([true, undefined, undefined]);
  expect(marks(rows, [], 100)).toEqual([undefined, undefined, undefined]);
  expect(marks(rows, [5], 100)).toEqual([undefined, undefined, undefined]);
});

test('without a median none is, without shares only the norm tells', () => {
  expect(marks([row({ 3: codes(9e9, 1) })], [3], null)).toEqual([undefined]);
  expect(marks([row({ 3: codes(400) }), row({ 3: codes(801) })], [3], 100)).toEqual([undefined, true]);
});

test('the row that read position 0 is one', () => {
  expect(marks([row({})], [], null, 1)).toEqual([true]);
});
