/** Seeded numbers, the same in every run. */

/** Uniform in [0, 1) (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normally distributed float32. */
export function normals(length: number, seed: number, scale = 1): Float32Array {
  const next = uniform(seed);
  return Float32Array.from({ length }, () => scale * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()));
}

/** Bits of float16 numbers of either sign, magnitudes from 2^-7 to 2^-3. */
export function halves(length: number, seed: number): Uint16Array {
  const next = uniform(seed);
  const out = new Uint16Array(length);
  for (let i = 0; i < length; i++) out[i] = Math.floor(next() * 0x1000) + (next() < 0.5 ? 0x2000 : 0xa000);
  return out;
}
