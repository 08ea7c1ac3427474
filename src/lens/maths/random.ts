/** Seeded noise without state: the same (seed, stream, index) gives the same number on every machine and in every row
 *  of a batch. */

/** 32-bit finaliser of MurmurHash3 (`fmix32`, https://github.com/aappleby/smhasher): every input bit reaches every
 *  output bit. */
export function mix(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Uniform in (0, 1), never 0 or 1. */
export function uniform(seed: number, stream: number, index: number): number {
  const h = mix(mix(mix(seed ^ 0x9e3779b9) ^ Math.imul(stream + 1, 0x85ebca77)) ^ Math.imul(index + 1, 0xc2b2ae3d));
  return (h + 0.5) / 4294967296;
}

/** Standard Gumbel noise: argmax of logits + gumbel is a draw from softmax(logits) (the Gumbel-max trick; Maddison et
 *  al., 2014, https://arxiv.org/abs/1411.0030, section 2). */
export function gumbel(seed: number, step: number, token: number): number {
  return -Math.log(-Math.log(uniform(seed, step, token)));
}

/** A separate seed for every sample at every position (null: a bare vector), so that a draw does not depend on its
 *  batch. */
export function sampleSeed(seed: number, position: number | null, sample: number): number {
  return mix(
    mix(mix(seed ^ 0x51ed270b) ^ Math.imul((position ?? -1) + 2, 0x9e3779b1)) ^ Math.imul(sample + 1, 0x85ebca6b),
  );
}

/** A unit vector, uniform over the sphere, for a seed and a layer. */
export function randomDirection(seed: number, layer: number, d: number): Float32Array {
  const out = new Float64Array(d);
  let square = 0;
  for (let i = 0; i < d; i++) {
    // Box-Muller; streams of its own so that directions never share bits with sampling noise.
    const r = Math.sqrt(-2 * Math.log(uniform(seed, 0x40000000 + layer, 2 * i)));
    out[i] = r * Math.cos(2 * Math.PI * uniform(seed, 0x40000000 + layer, 2 * i + 1));
    square += out[i]! ** 2;
  }
  const scale = 1 / Math.sqrt(square);
  return Float32Array.from(out, (x) => x * scale);
}
