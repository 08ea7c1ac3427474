import { uniform } from '../src/lens/testing/numbers';

/** Bits of float16 numbers of either sign, magnitudes from 2^-7 to 2^-3. */
export function halves(length: number, seed: number): Uint16Array {
  const next = uniform(seed);
  const out = new Uint16Array(length);
  for (let i = 0; i < length; i++) out[i] = Math.floor(next() * 0x1000) + (next() < 0.5 ? 0x2000 : 0xa000);
  return out;
}
