import { expect, test } from 'vitest';
import { SMALL } from '../testing/reference';
import { ropeNames, ropeTable, rotaryTables } from './rope';

const LLAMA3 = { factor: 8, slow: 1, fast: 4, originalContext: 8192 };

/** Frequencies in radians a position, from the tables of position 1. */
function frequencies(headDim: number, theta: number, scaling: typeof LLAMA3 | null): number[] {
  const { cos, sin } = rotaryTables(2, headDim, { theta, scaling });
  const half = headDim / 2;
  return Array.from({ length: half }, (_, i) => Math.atan2(sin[half + i]!, cos[half + i]!));
}

test('the scaling of Llama 3.1 keeps fast frequencies, divides slow ones, and mixes those between', () => {
  const plain = frequencies(128, 500_000, null);
  const scaled = frequencies(128, 500_000, LLAMA3);
  const turns = plain.map((frequency) => (8192 * frequency) / (2 * Math.PI));
  const ratio = plain.map((frequency, i) => scaled[i]! / frequency);
  const fast = turns.filter((t) => t > 4).length;
  const slow = turns.filter((t) => t < 1).length;
  expect([fast, 64 - fast - slow, slow]).toEqual([29, 6, 29]);
  for (const [i, r] of ratio.entries()) {
    if (turns[i]! > 4) expect(r, `${i}`).toBe(1);
    else if (turns[i]! < 1) expect(r * 8, `${i}`).toBeCloseTo(1, 4);
    else expect(r, `${i}`).toBeCloseTo(1 / 8 + ((turns[i]! - 1) / 3) * (7 / 8), 4);
  }
});

test('each kind of attention has tables of its own, the first by the names that graphs always had', () => {
  expect([ropeNames(0), ropeNames(1)]).toEqual([
    { cos: 'rope.cos', sin: 'rope.sin' },
    { cos: 'rope.1.cos', sin: 'rope.1.sin' },
  ]);
  const [local, global] = [10_000, 1_000_000].map((theta) => ({ rope: { theta, scaling: null }, window: null }));
  const config = { ...SMALL, attention: [local!, global!] };
  for (const [kind, { rope }] of config.attention.entries()) {
    const tables = rotaryTables(5, 16, rope);
    const { cos, sin } = ropeNames(kind);
    expect(ropeTable(config, 5, cos)).toEqual(tables.cos);
    expect(ropeTable(config, 5, sin)).toEqual(tables.sin);
  }
  expect(() => ropeTable(config, 5, 'rope.2.cos')).toThrow('rope.2.cos');
});
