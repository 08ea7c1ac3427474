import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OPENING_NS, TOKEN_NS } from '../../src/lens/maths/wasm-times.ts';
import { root } from '../prepare.mjs';

/** @type {import('./wasm.mjs').Figures} */
const { lines } = JSON.parse(readFileSync(join(root, 'docs/wasm.json'), 'utf8'));
/** The one that is large enough to tell. */
const [real] = lines.filter(({ parameters }) => parameters > 1e8);

test.each(lines)('what $name takes on WebAssembly is below what is predicted', ({ predicted, addresses, whole }) => {
  expect(addresses).toBeLessThanOrEqual(predicted.addresses);
  expect(whole).toBeLessThanOrEqual(predicted.whole);
});

test('of a model of more than a hundred million parameters the prediction is not half as much again', () => {
  expect(real.predicted.addresses).toBeLessThan(1.5 * real.addresses);
  expect(real.predicted.whole).toBeLessThan(1.5 * real.whole);
});

test('the times that are said beforehand are those that were measured, in one figure', () => {
  const parameters = real.inside / 4;
  const ns = (/** @type {number} */ seconds, /** @type {number} */ of) => Number(((1e9 * seconds) / of).toPrecision(1));
  // Its embedding is its unembedding, so that a token is multiplied by every parameter.
  expect(ns(real.tokenMs / 1000, real.parameters)).toBe(TOKEN_NS);
  expect(ns(real.openingSeconds, parameters)).toBe(OPENING_NS);
});
