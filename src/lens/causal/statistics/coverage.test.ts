import { expect, test } from 'vitest';
import { binomialTails } from './binomial';
import { clusteredRate } from './clusters';
import { clusteredEffect } from './effect';
import { excess } from './excess';
import type { Interval } from './interval';
import { newcombe } from './paired';
import { wilson } from './rate';
import { betaFrom, moved, normalFrom, streamOf } from './testing/synthetic';

// Intervals of 95 % hold the truth in 93 of 100 synthetic experiments at least, in every cell of a grid.

const grid = [0.02, 0.1, 0.5].flatMap((rate) =>
  [20, 40, 100].flatMap((prompts) => [1, 3].map((seeds) => ({ rate, prompts, seeds }))),
);
const holds = ({ low, high }: Interval, truth: number): number => (low <= truth && truth <= high ? 1 : 0);

test('rates of one text a prompt, by all counts there can be', () => {
  for (const { rate, prompts } of grid.filter(({ seeds }) => seeds === 1)) {
    let held = 0;
    for (let hits = 0; hits <= prompts; hits++)
      held += binomialTails(hits, prompts, rate).exactly * holds(wilson(hits / prompts, prompts), rate);
    expect(held, `rate ${rate}, ${prompts} prompts`).toBeGreaterThanOrEqual(0.93);
  }
});

test.each([0.1, 0.6])('rates, where texts of a prompt correlate by %s', (rho) => {
  for (const { rate, prompts, seeds } of grid.filter((cell) => cell.seeds > 1)) {
    const next = streamOf(prompts * seeds);
    // An urn: every hit makes the prompt's next one likelier, as chances from a beta law do.
    const [hits, all] = [rate * (1 / rho - 1), 1 / rho - 1];
    let held = 0;
    const experiments = 1000;
    for (let e = 0; e < experiments; e++) {
      const texts = Array.from({ length: prompts }, () => {
        let seen = 0;
        return Array.from({ length: seeds }, (_, s) => {
          const hit = next() < (hits + seen) / (all + s) ? 1 : 0;
          seen += hit;
          return hit;
        });
      });
      held += holds(clusteredRate(texts), rate);
    }
    expect(held / experiments, `rate ${rate}, ${prompts} prompts, ${seeds} seeds`).toBeGreaterThanOrEqual(0.93);
  }
});

test('paired effects of an edit that moves every prompt', () => {
  for (const { rate, prompts, seeds } of grid) {
    const next = streamOf(7 * prompts + seeds);
    // The law of chances is these prompts, so that the truth is known.
    const chances = Array.from({ length: 500 }, () => betaFrom(next, rate, 0.3)).map((one) => [one, moved(one, 1.2)]);
    const truth = chances.reduce((sum, [none, edit]) => sum + edit! - none!, 0) / chances.length;
    let held = 0;
    const experiments = 400;
    for (let e = 0; e < experiments; e++) {
      const table = { both: 0, gained: 0, lost: 0, neither: 0 };
      const effects = Array.from({ length: prompts }, () => {
        const [none, edit] = chances[Math.floor(next() * chances.length)]!;
        let sum = 0;
        for (let s = 0; s < seeds; s++) {
          // The noise is shared until the texts part, which half of them do.
          const noise = next();
          const without = noise < none!;
          const withEdit = (next() < 0.5 ? next() : noise) < edit!;
          sum += Number(withEdit) - Number(without);
          table[withEdit ? (without ? 'both' : 'gained') : without ? 'lost' : 'neither'] += 1;
        }
        return sum / seeds;
      });
      held += holds(seeds === 1 ? newcombe(table) : clusteredEffect(effects, true)!, truth);
    }
    expect(held / experiments, `rate ${rate}, ${prompts} prompts, ${seeds} seeds`).toBeGreaterThanOrEqual(0.93);
  }
});

test('the excess over 19 controls on 20 prompts', () => {
  const next = streamOf(3);
  let held = 0;
  const experiments = 120;
  for (let e = 0; e < experiments; e++) {
    const prompts = Array.from({ length: 20 }, () => 0.3 * normalFrom(next));
    const arm = (effect: number): number[] => prompts.map((own) => effect + own + 0.3 * normalFrom(next));
    const edit = arm(0.2);
    held += holds(excess({ edit, draws: Array.from({ length: 19 }, () => arm(0.15 * normalFrom(next))) }, e), 0.2);
  }
  expect(held / experiments).toBeGreaterThanOrEqual(0.93);
});
