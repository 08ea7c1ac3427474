import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OPENING_NS, TOKEN_NS } from '../../src/lens/maths/wasm-times.ts';
import { insideBytes, parameterCount, wasmMemory } from '../../src/lens/sizes.ts';
import { root } from '../prepare.mjs';
import { predicted, withLine } from './wasm.mjs';

/** @type {import('./wasm.mjs').Figures} */
const figures = JSON.parse(readFileSync(join(root, 'docs/wasm.json'), 'utf8'));
const { lines } = figures;
/** The one that is large enough to tell. */
const [real] = lines.filter(({ parameters }) => parameters > 1e8);

test.each(lines)('what $name takes on WebAssembly is below what is predicted', ({ shape, sites, addresses, whole }) => {
  const now = wasmMemory(shape, { sites });
  expect(addresses).toBeLessThanOrEqual(now.addresses);
  expect(whole).toBeLessThanOrEqual(now.whole);
});

test('what is written is what is predicted now: node scripts/measure/wasm.mjs --predict', () => {
  expect(predicted(figures, wasmMemory)).toEqual(figures);
});

test.each(lines)('the shape of $name is that of what was measured', ({ shape, parameters, inside }) => {
  expect([parameterCount(shape), insideBytes(shape)]).toEqual([parameters, inside]);
});

test('of a model of more than a hundred million parameters the prediction is not half as much again', () => {
  const now = wasmMemory(real.shape, { sites: real.sites });
  expect(now.addresses).toBeLessThan(1.5 * real.addresses);
  expect(now.whole).toBeLessThan(1.5 * real.whole);
});

test('a model that is measured again leaves the others’ lines as they are', () => {
  const [first, second] = lines;
  const again = { ...second, processor: 'another', cores: 64, node: 'v99' };
  expect(withLine(figures, again).lines).toEqual([first, again]);
  expect(withLine(figures, { ...again, name: 'new' }).lines).toEqual([first, second, { ...again, name: 'new' }]);
});

test('the times that are said beforehand are those that were measured, in one figure', () => {
  const parameters = real.inside / 4;
  const ns = (/** @type {number} */ seconds, /** @type {number} */ of) => Number(((1e9 * seconds) / of).toPrecision(1));
  // Its embedding is its unembedding, so that a token is multiplied by every parameter.
  expect(ns(real.tokenMs / 1000, real.parameters)).toBe(TOKEN_NS);
  expect(ns(real.openingSeconds, parameters)).toBe(OPENING_NS);
});
