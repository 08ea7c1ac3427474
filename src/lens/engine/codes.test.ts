import { expect, it } from 'vitest';
import { NonFiniteError } from '../api/errors';
import { siteCodes } from './codes';

/** Three rows of two slots, the first of which holds nothing to be read. */
const ids = new Float32Array(Uint32Array.of(0, 0, 7, 3, 5, 0xffffffff).buffer);
const values = Float32Array.of(0, 0, 4, 3, 2, 0);
const stats = (last = [1, 4, 9, 1, 0.25]) => Float32Array.of(0, 0, 0, -1, 0, 2, 4, 16, 311, 0.5, ...last);

it('a row of stats becomes FVU, norms, active latents and peak', () => {
  const codes = siteCodes(3, 2, [ids, values, stats()], 1, 2);
  expect(codes).toEqual({
    layer: 3,
    k: 2,
    ids: Uint32Array.of(7, 3, 5, 0xffffffff),
    values: Float32Array.of(4, 3, 2, 0),
    fvu: Float32Array.of(0.5, 0.25),
    norm: Float32Array.of(4, 3),
    centred: Float32Array.of(2, 2),
    active: Uint32Array.of(311, 1),
    peak: Float32Array.of(0.5, 0.25),
  });
});

it('a refused row, and one whose squares overflow, are errors that name the token', () => {
  for (const last of [
    [0, 0, 0, -1, 0],
    [Number.POSITIVE_INFINITY, 1, 1, 2, 0],
  ]) {
    const read = () => siteCodes(3, 2, [ids, values, stats(last)], 1, 2, 10);
    expect(read).toThrow(NonFiniteError);
    expect(read).toThrow('at token 11');
  }
});
