/** How the model card writes figures.
 *  @typedef {{ mean: number, low: number, high: number }} Mean With its interval.
 *  @typedef {{ rate: number, low: number, high: number, n: number, best?: number }} Rate */

export const percent = (/** @type {number} */ share, digits = 0) => `${(100 * share).toFixed(digits)} %`;
export const interval = (/** @type {Rate} */ { rate, low, high }, digits = 0) =>
  `${percent(rate, digits)} [${(100 * Math.max(0, low)).toFixed(digits)}, ${(100 * high).toFixed(digits)}]`;
export const fixed = (/** @type {number} */ value, /** @type {number} */ digits) =>
  value.toFixed(digits).replace(/^0\./, '.').replace(/^-0\./, '−.').replace(/^-/, '−');
export const count = (/** @type {number} */ value) => value.toLocaleString('en-US');
