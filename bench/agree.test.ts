import { describe, expect, it } from 'vitest';
import { agreement } from './agree';
import { BLOCKS, stockIds } from './stock';

const of = (ids: number[], values: number[]) => ({ ids: Uint32Array.from(ids), values: Float32Array.from(values) });

describe('agreement', () => {
  const a = of([7, 3, 9, 1], [5, 4, 8, 2]);

  it('is null for the same', () => {
    expect(agreement(a, of([7, 3, 9, 1], [5, 4, 8, 2]), 2, 0)).toBeNull();
  });

  it('names the row and place that differ, in values and, with tolerance 0, in ids', () => {
    expect(agreement(a, of([7, 3, 9, 1], [5, 4, 8, 2.5]), 2, 1e-4)).toMatch('row 1, place 1: 2 against 2.5');
    expect(agreement(a, of([7, 2, 9, 1], [5, 4, 8, 2]), 2, 0)).toMatch('row 0, place 1: column 3 against 2');
    expect(agreement(a, of([7, 3], [5, 4]), 2, 0)).toMatch('4 ids against 2');
  });

  it('lets rounding choose among equals of the last place, and no other', () => {
    expect(agreement(a, of([7, 2, 9, 1], [5, 4, 8, 2]), 2, 1e-4)).toBeNull();
    expect(agreement(a, of([6, 3, 9, 1], [5, 4, 8, 2]), 2, 1e-4)).toMatch('column 7');
  });

  it('does not take NaN for agreement', () => {
    expect(agreement(a, of([7, 3, 9, 1], [5, 4, 8, Number.NaN]), 2, 1e-4)).toMatch('row 1, place 1');
  });
});

describe('stockIds', () => {
  const words = (list: number[]) => Uint32Array.from(list.flatMap((n) => [n, 0]));

  it('reads the low words of the flat form', () => {
    expect([...stockIds({ rows: 1, width: 64, k: 2 }, words([40, 3]), null)]).toEqual([40, 3]);
  });

  it('joins block and column of the two-level form', () => {
    const shape = { rows: 2, width: 64, k: 2 };
    // Every block's columns are 3, then 1; row 1 takes block 15's second and block 2's first.
    const inner = words(Array.from({ length: 2 * BLOCKS }, () => [3, 1]).flat());
    expect([...stockIds(shape, words([0, 1, 31, 4]), inner)]).toEqual([3, 1, 61, 11]);
  });
});
