import { expect, test } from 'vitest';
import { activityOf, namingOf, pixelsOf, positionAt, runsOf, strengthsOf } from './matrix-layout';

test('few tokens fill the whole width with cells that are set apart', () => {
  const pixels = pixelsOf([0.5, 0, 1, 1], 40, 1);
  expect(runsOf(pixels)).toEqual([
    { from: 0, to: 9, strength: 0.5 },
    { from: 20, to: 29, strength: 1 },
    { from: 30, to: 39, strength: 1 },
  ]);
});

test('narrow cells touch, and end where the next begins', () => {
  const runs = runsOf(pixelsOf([0.2, 0.4, 0.6], 10, 1));
  expect(runs.map(({ from, to }) => [from, to])).toEqual([
    [0, 3],
    [3, 6],
    [6, 10],
  ]);
  expect(runsOf(pixelsOf([1, 1, 1], 10, 1))).toEqual([{ from: 0, to: 10, strength: 1 }]);
});

test('2,000 tokens on 200 pixels: each is somewhere, and a pixel shows its strongest', () => {
  for (let t = 0; t < 2000; t += 7) {
    const strengths = new Float32Array(2000);
    strengths[t] = 1;
    expect(runsOf(pixelsOf(strengths, 200, 2))).toEqual([
      { from: Math.floor(t / 10), to: Math.floor(t / 10) + 1, strength: 1 },
    ]);
  }
  const strengths = new Float32Array(2000).fill(0.25);
  strengths[11] = 0.75;
  const pixels = pixelsOf(strengths, 200, 2);
  expect([pixels[0], pixels[1], pixels[2]]).toEqual([0.25, 0.75, 0.25]);
});

test('the pointer finds the token whose cell it is over, and none outside', () => {
  for (const [width, count] of [
    [180, 7],
    [200, 2000],
    [300, 1],
  ] as const) {
    for (let t = 0; t < count; t++) expect(positionAt(((t + 0.5) * width) / count, width, count)).toBe(t);
    expect(positionAt(-0.1, width, count)).toBe(null);
    expect(positionAt(width, width, count)).toBe(null);
  }
  expect(positionAt(5, 100, 0)).toBe(null);
});

test('position 0 is neither drawn nor said unless it counts', () => {
  const values = [9, 0, 3, 4];
  expect([...strengthsOf(values, 9, 4, [1, 2, 3])].map((s) => s > 0)).toEqual([false, false, true, true]);
  expect(strengthsOf(values, 9, 4, [0, 1, 2, 3])[0]).toBeCloseTo(1, 6);
  expect(activityOf(values, [1, 2, 3])).toEqual({ active: 2, most: 3 });
  expect(activityOf(values, [0, 1, 2, 3])).toEqual({ active: 3, most: 0 });
  expect(activityOf([Number.NaN, 0], [0, 1])).toEqual({ active: 0, most: null });
});

test('tokens are named along the line where each fits its column, else upright, else one by one', () => {
  const chips = (...texts: string[]) => texts.map((text, i) => ({ text, from: i, to: i }));
  expect(namingOf(chips('34', ' ×', '2', ' ='), 4, 200)).toBe('level');
  expect(namingOf(chips('The', ' old', ' man', ' looked'), 4, 160)).toBe('upright');
  // Han takes a whole em; a chip of several tokens has several columns.
  expect(namingOf(chips('老', '人', '走'), 3, 48)).toBe('level');
  expect(namingOf(chips('老', '人', '走'), 3, 45)).toBe('upright');
  expect(namingOf([{ text: '龘', from: 0, to: 2 }], 3, 18)).toBe('level');
  expect(namingOf(chips('The', ' old', ' man', ' looked'), 4, 43)).toBe('one');
  // A strip that is not laid out yet names no more than one.
  expect(namingOf(chips('a'), 1, 0)).toBe('one');
});
