import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../prepare.mjs';
import { render, subjects, summarise, windows } from './quantisation.mjs';

const read = (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8');
/** @type {import('./quantisation.mjs').Figures} */
const figures = JSON.parse(read('docs/quantisation.json'));

test('docs/quantisation.md says what docs/quantisation.json says', () => {
  expect(read('docs/quantisation.md')).toBe(render(figures));
});

test('the figures belong to the weights that are here', () => {
  expect(existsSync(join(root, 'public/models/lenslet-mini/model.safetensors'))).toBe(true);
  expect(figures.sha256).toEqual(subjects());
});

test('there are figures for every format, over enough text, and a coarser format never loses less', () => {
  expect(figures.formats.map(({ name }) => name)).toEqual(['f32', 'f16', 'q8', 'q4']);
  expect(figures.tokens).toBeGreaterThanOrEqual(2000);
  const [f32, f16, q8, q4] = figures.formats;
  for (const [s, { jaccard, residual }] of f32.sites.entries()) {
    expect(jaccard).toBeCloseTo(1, 9);
    expect(residual).toBe(0);
    expect(f16.sites[s].residual).toBeLessThan(q8.sites[s].residual);
    expect(q8.sites[s].residual).toBeLessThan(q4.sites[s].residual);
    expect(q8.sites[s].jaccard).toBeGreaterThan(q4.sites[s].jaccard);
  }
});

test('a figure that changed changes the page', () => {
  const [first, ...others] = figures.formats;
  expect(render({ ...figures, formats: [{ ...first, crossEntropy: 9.87654 }, ...others] })).toContain(
    '| f32 | 9.8765 |',
  );
});

describe('figures of texts', () => {
  /** @type {(crossEntropy: number, jaccard: number, error: number) => import('./quantisation.mjs').TextLoss} */
  const loss = (crossEntropy, jaccard, error) => ({
    crossEntropy,
    sites: [{ layer: 3, jaccard, residual: 0.5, error, variance: 10 }],
  });

  test('domains weigh by their share whatever number of texts they have, and FVU is a ratio of sums', () => {
    const texts = [
      { domain: 'a', share: 0.3 },
      { domain: 'a', share: 0.3 },
      { domain: 'b', share: 0.1 },
    ];
    const { crossEntropy, sites } = summarise([loss(1, 0.5, 1), loss(3, 0.7, 3), loss(6, 1, 10)], texts);
    expect(crossEntropy).toBeCloseTo(0.75 * 2 + 0.25 * 6, 12);
    expect(sites[0].jaccard).toBeCloseTo(0.75 * 0.6 + 0.25, 12);
    expect(sites[0].fvu).toBeCloseTo((0.75 * 2 + 0.25 * 10) / 10, 12);
  });

  test('windows do not overlap and reach from the first id to the last', () => {
    const ids = Uint16Array.from({ length: 100 }, (_, i) => i);
    expect(windows(ids, 30, 2).map(([first]) => first)).toEqual([0, 70]);
    expect(windows(ids, 30, 9).map(([first]) => first)).toEqual([0, 35, 70]);
    expect(windows(ids, 101, 2)).toEqual([]);
  });
});
