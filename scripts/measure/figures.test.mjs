import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../prepare.mjs';
import { fill, render } from './figures.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
/** @type {import('./figures.mjs').Figures} */
const figures = JSON.parse(readFileSync(join(root, 'docs/figures.json'), 'utf8'));

test('the README says what docs/figures.json says', () => {
  expect(fill(readme, figures)).toBe(readme);
});

test('the figures keep their limits', () => {
  for (const provider of figures.providers) {
    for (const name of /** @type {const} */ (['residual', 'logit', 'fvu']))
      expect(provider[name], `${provider.name}, ${name}`).toBeLessThanOrEqual(figures.limits[name]);
    expect(provider.mismatches).toBe(0);
  }
});

test('a figure that changed changes the block', () => {
  const [first, ...others] = figures.providers;
  const other = { ...figures, providers: [{ ...first, residual: 0.5 }, ...others] };
  expect(fill(readme, other)).not.toBe(readme);
  expect(render(other)).toContain('5.0e−1');
});

test('a README without the block is refused', () => {
  expect(() => fill('no block', figures)).toThrow('figures:begin');
});
