/** Numbers that look random, by the gigabyte: a block of normal numbers is drawn once and laid end to end. Its length
 *  is prime, so no row of a matrix is another row of it, and every tensor begins at a place of its own. */

/** The largest prime below 2^21. */
export const BLOCK = 2_097_143;

/** Uniform in [0, 1), seeded (mulberry32). */
export function uniforms(/** @type {number} */ seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` normal numbers of standard deviation `deviation` around `mean` (Box and Muller). */
export function normals(/** @type {number} */ count, /** @type {number} */ seed, deviation = 1, mean = 0) {
  const next = uniforms(seed);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - next())) * deviation;
    const angle = 2 * Math.PI * next();
    out[i] = mean + radius * Math.cos(angle);
    if (i + 1 < count) out[i + 1] = mean + radius * Math.sin(angle);
  }
  return out;
}

/** The bits of the nearest bfloat16, ties to even. Finite numbers only. */
export function toBfloat16(/** @type {Float32Array} */ numbers) {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  return Uint16Array.from(bits, (x) => (x + 0x7fff + ((x >>> 16) & 1)) >>> 16);
}

/** A place for a text: the same for the same text and seed, in [0, below). (FNV-1a, then mixed by the generator.)
 *  @param {string} text
 *  @param {number} seed
 *  @param {number} below */
export function placeOf(text, seed, below) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return Math.floor(uniforms((hash ^ Math.imul(seed, 0x9e3779b1)) >>> 0)() * below);
}

/** `count` numbers of a block that is laid end to end, from `begin` on, as views of the block.
 *  @template {Float32Array | Uint16Array} A
 *  @param {A} block
 *  @param {number} begin
 *  @param {number} count */
export function* laid(block, begin, count) {
  for (let at = begin % block.length, left = count; left > 0; at = 0) {
    const view = /** @type {A} */ (block.subarray(at, Math.min(block.length, at + left)));
    left -= view.length;
    yield view;
  }
}

/** The same memory as bytes. */
export const bytes = (/** @type {NodeJS.ArrayBufferView} */ view) =>
  Buffer.from(view.buffer, view.byteOffset, view.byteLength);
