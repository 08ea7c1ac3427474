import { expect, test } from 'vitest';
import { quantile, scoreOf, setNorm, shuffled } from './score';

const v = (...x: number[]) => Float32Array.from(x);

test('the norm is set, not multiplied: the same vector at any length is told as the same', () => {
  expect([...setNorm(v(3, 4), 10)]).toEqual([6, 8]);
  for (const factor of [1e-3, 7, 1e4]) expect(setNorm(v(3 * factor, 4 * factor), 10)[1]).toBeCloseTo(8, 5);
  expect([...setNorm(v(0, 0), 10)]).toEqual([0, 0]);
  // Squares that overflow float32.
  expect(setNorm(v(3e30, 4e30), 10)[0]).toBeCloseTo(6, 5);
});

test('without a scale the vector goes as it is, in memory of its own', () => {
  const given = v(3, 4);
  expect(setNorm(given, null)).toEqual(given);
  expect(setNorm(given, null)).not.toBe(given);
});

test('a score by hand: cosine .6, error 2(1 − .6) = .8, over V = .5 it is 1.6, FVE −.6', () => {
  const { cosine, error, relative, fve } = scoreOf(v(3, 4), v(20, 0), 0.5);
  expect(cosine).toBeCloseTo(0.6, 12);
  expect(error).toBeCloseTo(0.8, 12);
  expect(relative).toBeCloseTo(1.6, 12);
  expect(fve).toBeCloseTo(-0.6, 12);
});

test('FVE is 1 for the direction itself, 0 where the error is V, and not there without V', () => {
  expect(scoreOf(v(1, 2), v(10, 20), 0.7).fve).toBeCloseTo(1, 6);
  const cosine = 1 - 0.7 / 2;
  expect(scoreOf(v(cosine, Math.sqrt(1 - cosine ** 2)), v(1, 0), 0.7).fve).toBeCloseTo(0, 6);
  expect(scoreOf(v(1, 0), v(1, 0), null)).toMatchObject({ cosine: 1, error: 0, relative: null, fve: null });
});

test('FVE over a set is one minus the mean error over V: the definition, on five vectors', () => {
  // FVE = 1 − E|p^ − g^|² / E|g^ − mu|², mu the mean of the unit vectors, not normalised.
  const gold = [v(1, 0, 0), v(0, 2, 0), v(3, 3, 0), v(0, 1, 1), v(1, 1, 1)];
  const made = [v(2, 1, 0), v(0, 1, 0), v(1, 2, 1), v(1, 0, 1), v(1, 1, 0)];
  const unit = (x: Float32Array) => Array.from(x, (y) => y / Math.hypot(...x));
  const mu = [0, 1, 2].map((i) => gold.reduce((sum, g) => sum + unit(g)[i]! / gold.length, 0));
  const square = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0);
  const mean = (xs: number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;
  const variance = mean(gold.map((g) => square(unit(g), mu)));
  const defined = 1 - mean(gold.map((g, i) => square(unit(made[i]!), unit(g)))) / variance;
  expect(mean(gold.map((g, i) => scoreOf(made[i]!, g, variance).fve!))).toBeCloseTo(defined, 10);
});

test('nothing has no direction', () => {
  expect(scoreOf(v(0, 0), v(1, 0), 1)).toMatchObject({ cosine: 0, error: 2 });
});

test('the shuffled control: means, and where the middle 90 % of the FVEs lie', () => {
  const angle = (degrees: number) => v(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
  const scores = Array.from({ length: 21 }, (_, i) => scoreOf(angle(i * 4), v(1, 0), 1));
  const found = shuffled(scores)!;
  expect(found.n).toBe(21);
  expect(found.fve).toBeCloseTo(
    scores.reduce((sum, { fve }) => sum + fve! / 21, 0),
    10,
  );
  expect(found.cosine).toBeCloseTo(
    scores.reduce((sum, { cosine }) => sum + cosine / 21, 0),
    10,
  );
  // Of 21 sorted values the 5th and 95th percentile are the second from either end.
  expect(found.low).toBeCloseTo(scores[19]!.fve!, 10);
  expect(found.high).toBeCloseTo(scores[1]!.fve!, 10);
  expect(shuffled([])).toBeNull();
  expect(shuffled([scoreOf(v(1, 0), v(1, 0), null)])).toEqual({ n: 1, cosine: 1, fve: null, low: null, high: null });
});

test('quantiles are linear between neighbours', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([5], 0.95)).toBe(5);
  expect(quantile([0, 10], 0.05)).toBeCloseTo(0.5, 12);
});
