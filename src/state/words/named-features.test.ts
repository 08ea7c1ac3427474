import { expect, it } from 'vitest';
import type { SiteCodes } from '../../lens/api/site';
import { namedFeatures } from './named-features';

const EMPTY = 0xffffffff;
const codes = (rows: [number, number][][]): SiteCodes => {
  const k = Math.max(...rows.map((row) => row.length));
  const slots = rows.flatMap((row) => Array.from({ length: k }, (_, i) => row[i] ?? [EMPTY, 0]));
  const none = new Float32Array(rows.length);
  return {
    layer: 3,
    k,
    ids: Uint32Array.from(slots, ([id]) => id!),
    values: Float32Array.from(slots, ([, v]) => v!),
    fvu: none,
    norm: none,
    centred: none,
    active: new Uint32Array(0),
    peak: new Float32Array(0),
  };
};
const ids = (list: readonly { id: number }[]) => list.map(({ id }) => id);

// Position 1 is the token's; the words' vector has one row.
const token = codes([
  [[9, 9]],
  [
    [1, 5],
    [2, 4],
    [3, 1],
  ],
]);
const said = codes([
  [
    [1, 3],
    [7, 2],
    [3, 6],
  ],
]);

it('parts features into said and active, said only, left out', () => {
  const { named, onlySaid, leftOut } = namedFeatures(token, 1, said, { maximumOf: () => null });
  expect([ids(named), ids(onlySaid), ids(leftOut)]).toEqual([[3, 1], [7], [2]]);
  expect(named.find(({ id }) => id === 3)).toEqual({ id: 3, own: 1, said: 6 });
});

it('ranks by share of the maximum, those without one last, and leaves hidden ones out', () => {
  const maximumOf = (id: number) => ({ 1: 5, 3: 60 })[id] ?? null;
  expect(ids(namedFeatures(token, 1, said, { maximumOf }).named)).toEqual([1, 3]);
  expect(ids(namedFeatures(token, 1, said, { maximumOf, hidden: (id) => id === 1 }).named)).toEqual([3]);
});
