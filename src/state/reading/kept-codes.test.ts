import { expect, test } from 'vitest';
import type { SiteCodes } from '../../lens/api/site';
import { cutTokens } from './kept-codes';

const codes = (active: number[]): SiteCodes => ({
  layer: 3,
  k: 2,
  ids: new Uint32Array(2 * active.length),
  values: new Float32Array(2 * active.length),
  fvu: new Float32Array(active.length),
  norm: new Float32Array(active.length),
  centred: new Float32Array(active.length),
  active: Uint32Array.from(active),
  peak: new Float32Array(active.length),
});

test('a token on which more features are active than are kept is counted, where it takes part', () => {
  expect(cutTokens(codes([9, 2, 5, 3]), [1, 2, 3])).toEqual({ count: 2, active: 3, kept: 2 });
  expect(cutTokens(codes([9, 2, 5, 3]), [2])).toEqual({ count: 1, active: 5, kept: 2 });
  expect(cutTokens(codes([9, 2]), [1])).toBeNull();
});

test('codes of an older record, which say nothing of it, cut nothing', () => {
  expect(cutTokens({ ...codes([]), ids: new Uint32Array(4) }, [0, 1])).toBeNull();
});
