import { expect, test } from 'vitest';
import type { Candidates } from '../engine/sampler';
import { relevancy, shadowLogprobs } from './relevancy';

const logs = (...p: number[]) => Float32Array.from(p, Math.log);
const whole = (...p: number[]): Candidates => ({ logits: logs(...p), ids: null, logSumExp: 0 });
const cut = (ids: number[], ...p: number[]): Candidates => ({
  logits: logs(...p),
  ids: Uint32Array.from(ids),
  logSumExp: 0,
});
const drawn = (id: number) => ({ id, logprob: 0, mass: 1 });

test('relevancy is a difference of probabilities, without its sign', () => {
  expect(relevancy(Math.log(0.75), Math.log(0.25))).toBeCloseTo(0.5, 12);
  expect(relevancy(Math.log(0.25), Math.log(0.75))).toBeCloseTo(0.5, 12);
  expect(relevancy(-1, -1)).toBe(0);
});

test('a token is looked up in its own row’s shadow', async () => {
  const read = new Map([whole(0.5, 0.5), whole(0.5, 0.5), whole(0.9, 0.1), whole(0.2, 0.8)].entries());
  const none = {
    surprisals: () => {
      throw new Error('whole rows were read');
    },
  };
  const out = await shadowLogprobs(none, read, new Map([drawn(1), drawn(0)].entries()), 2);
  expect([...out.values()].map(Math.exp)).toEqual([expect.closeTo(0.1, 6), expect.closeTo(0.2, 6)]);
});

test('where whole rows are too long to read, the shadow is asked for that one token, which its largest may lack', async () => {
  const read = new Map([cut([7], 0.5), cut([8], 0.5), cut([1], 0.9), cut([1], 0.9)].entries());
  const asked: (number | undefined)[] = [];
  const batch = {
    surprisals: async (token: (row: number) => number | undefined) => {
      asked.push(...[0, 1, 2, 3].map(token));
      return new Map([0, 0, 3, 4].entries());
    },
  };
  const out = await shadowLogprobs(batch, read, new Map([drawn(7), drawn(8)].entries()), 2);
  expect(asked).toEqual([undefined, undefined, 7, 8]);
  expect([...out]).toEqual([
    [0, -3],
    [1, -4],
  ]);
});
