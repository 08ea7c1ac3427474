import { expect, test } from 'vitest';
import { rank } from './rank';
import { type Candidate, pick, type Selection, selectedRank } from './selection';
import { atLevel, drawsNeeded, intersectionUnion } from './several';
import { normalFrom, type Stream, streamOf } from './testing/synthetic';

// Innocent directions have effects: each its own, nearly the same on both halves. The best of 20 is tested.

const best: Selection = { candidates: 20, signs: 2, doses: 3 };
const DOSES = [0.5, 1, 2];

/** A direction: its effect turns with the sign, and a part of it does not. 8 development and 16 test prompts. */
function direction(next: Stream, by = normalFrom(next)): Candidate {
  const bend = 0.4 * normalFrom(next);
  const half = (prompts: number): number[][] =>
    [1, -1].map((sign) =>
      DOSES.map((dose) => sign * by * dose + bend * dose ** 2 + (1.5 / Math.sqrt(prompts)) * normalFrom(next)),
    );
  return { development: half(8), test: half(16) };
}

const family = (next: Stream, draws: number, candidates: number): Candidate[][] =>
  Array.from({ length: draws }, () => Array.from({ length: candidates }, () => direction(next)));

const p = (convict: (next: Stream) => boolean, experiments: number, seed: number): number => {
  const next = streamOf(seed);
  let convicted = 0;
  for (let e = 0; e < experiments; e++) convicted += convict(next) ? 1 : 0;
  return convicted / experiments;
};

const two = (one: () => number): number => intersectionUnion([one(), one()]);

/** The claim: the pick among 20, all innocent unless one is guilty. */
function claim(next: Stream, guilty?: number) {
  const candidates = Array.from({ length: 20 }, (_, c) => direction(next, c === 7 ? guilty : undefined));
  return pick(candidates, best);
}

test('controls that are the best of 20 too, sign and dose free: at most one innocent of 20, and the guilty', () => {
  const corrected = (guilty?: number) => (next: Stream) => {
    const edit = claim(next, guilty).test;
    return atLevel(
      two(() => selectedRank(edit, family(next, 19, 20), best).p),
      0.05,
    );
  };
  expect(p(corrected(), 200, 1)).toBeLessThanOrEqual(0.05);
  expect(p(corrected(9), 20, 2)).toBe(1);
});

test('one family alone is at its level, neither above nor far below', () => {
  const alone = (next: Stream) => selectedRank(claim(next).test, family(next, 19, 20), best).p <= 0.05;
  const share = p(alone, 400, 3);
  expect(share).toBeGreaterThan(0.02);
  expect(share).toBeLessThan(0.08);
});

test('p times 20 with controls that pick their sign and dose: at most one of 20', () => {
  const tuned = { ...best, candidates: 1 };
  const draws = drawsNeeded(best.candidates, 0.05);
  const paid = (next: Stream) => {
    const edit = claim(next).test;
    return atLevel(20 * two(() => selectedRank(edit, family(next, draws, 1), tuned).p), 0.05);
  };
  expect(p(paid, 60, 4)).toBeLessThanOrEqual(0.05);
});

test('controls that were not picked convict the innocent: at the edit’s sign and dose, or one candidate each', () => {
  const asItStands = (next: Stream) => {
    const edit = claim(next);
    const one = () =>
      rank(
        edit.test,
        family(next, 19, 1).map(([draw]) => draw!.test[edit.sign]![edit.dose]!),
      ).p;
    return two(one) <= 0.05;
  };
  expect(p(asItStands, 500, 5)).toBeGreaterThan(0.3);
  const one = { ...best, candidates: 1 };
  const forgotten = (next: Stream) => {
    const edit = claim(next).test;
    return two(() => selectedRank(edit, family(next, 19, 1), one).p) <= 0.05;
  };
  expect(p(forgotten, 500, 6)).toBeGreaterThan(0.15);
});
