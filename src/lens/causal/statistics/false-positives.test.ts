import { expect, test } from 'vitest';
import { mcnemar } from './paired';
import { rank, reaches } from './rank';
import { intersectionUnion } from './several';
import { betaFrom, moved, normalFrom, type Stream, streamOf } from './testing/synthetic';
import { afterBoth, afterFirst, levelOf, STANDARD } from './two-stage';

// How often innocents are convicted: the edit is one more draw of its controls' law.

/** Effects in `arms` arms on the same prompts and noise; arm 0 is the edit. Every arm moves all prompts by its own. */
function experiment(next: Stream, rate: number, prompts: number, seeds: number, arms: number) {
  const by = Array.from({ length: arms }, () => 0.8 * normalFrom(next));
  const sums = new Array<number>(arms).fill(0);
  let [gained, lost] = [0, 0];
  for (let i = 0; i < prompts; i++) {
    const chance = betaFrom(next, rate, 0.3);
    const chances = by.map((one) => moved(chance, one));
    for (let s = 0; s < seeds; s++) {
      const noise = next();
      const none = noise < chance ? 1 : 0;
      chances.forEach((one, arm) => {
        sums[arm]! += (noise < one ? 1 : 0) - none;
      });
      const edit = noise < chances[0]! ? 1 : 0;
      if (edit > none) gained += 1;
      else if (edit < none) lost += 1;
    }
  }
  return { effects: sums.map((sum) => sum / prompts / seeds), gained, lost };
}

test('rates: no family convicts more than one innocent of 20, and a claim against both and none fewer', () => {
  const next = streamOf(1);
  const cells = [0.02, 0.1, 0.5].flatMap((rate) =>
    [40, 100].flatMap((prompts) => [1, 3].map((seeds) => ({ rate, prompts, seeds }))),
  );
  const each = 250;
  let [family, claim] = [0, 0];
  for (const { rate, prompts, seeds } of cells)
    for (let e = 0; e < each; e++) {
      const { effects, gained, lost } = experiment(next, rate, prompts, seeds, 39);
      const [edit, ...draws] = effects;
      const directions = rank(edit!, draws.slice(0, 19)).p;
      const features = rank(edit!, draws.slice(19)).p;
      family += directions <= 0.05 ? 1 : 0;
      claim += intersectionUnion([directions, features, mcnemar(gained, lost).p]) <= 0.05 ? 1 : 0;
    }
  const all = cells.length * each;
  // Not so few either that the test would be of nothing.
  expect(family / all).toBeGreaterThan(0.02);
  expect(family / all).toBeLessThanOrEqual(0.052);
  expect(claim / all).toBeLessThan(family / all);
});

test('continuous outcomes: exactly one innocent of 20, by 19 draws, by 99, and by two stages at their own level', () => {
  const next = streamOf(2);
  const all = 20_000;
  const convicted = { 19: 0, 99: 0, stages: 0 };
  for (let e = 0; e < all; e++) {
    const edit = next();
    const draws = Array.from({ length: 99 }, next);
    if (rank(edit, draws.slice(0, 19)).p <= 0.05) convicted[19] += 1;
    const { p, reached } = rank(edit, draws);
    if (p <= 0.05) convicted[99] += 1;
    const inFirst = draws.slice(0, STANDARD.first).filter((draw) => reaches(draw, edit)).length;
    if (afterFirst(inFirst, STANDARD) ?? afterBoth(reached, STANDARD)) convicted.stages += 1;
  }
  for (const share of [convicted[19] / all, convicted[99] / all]) {
    expect(share).toBeGreaterThanOrEqual(0.045);
    expect(share).toBeLessThanOrEqual(0.052);
  }
  expect(Math.abs(convicted.stages / all - levelOf(STANDARD))).toBeLessThan(0.004);
});
