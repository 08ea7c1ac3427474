import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { randomWeights, SMALL } from '../testing/reference';
import { buildHead, buildPart, type PartGraph } from './decoder';
import { weightsInside } from './weights';

/** Graphs with weights inside must keep every byte that they had before there were other kinds of weights. */
const weights = weightsInside(SMALL, randomWeights(SMALL, 1));

function digest({ model, external }: PartGraph): string {
  const hash = createHash('sha256').update(model);
  for (const { path, data } of external) hash.update(path).update(data);
  return hash.digest('hex').slice(0, 16);
}

test('graphs of weights in memory keep their bytes', () => {
  const parts = {
    first: buildPart(SMALL, { from: 0, to: 1, embed: true }, weights),
    later: buildPart(SMALL, { from: 2, to: 2, embed: false }, weights),
    injected: buildPart(SMALL, { from: 0, to: 2, embed: true }, weights, { at: 1, mode: 'add' }),
    head: buildHead(SMALL, weights),
  };
  const digests = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, digest(part)]));
  expect(digests).toEqual({
    first: '578f6faa2d19b203',
    later: '1a56877781b97c58',
    injected: '0e3c290c8ced4faf',
    head: '74bcd3308eef873a',
  });
});
