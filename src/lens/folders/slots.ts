const LEAST = 256;
/** The most codes of a token that can be computed and kept. */
export const MOST = 1024;
const UNKNOWN = 512;

/** Room for a token's largest latents where a dictionary has no k. One token's count reached 3.5 times the average of
 *  its text, so: the next power of two of 4 times `l0`, the average, within 256 and 1,024; 512 if that is not known.
 *  Never more than the `width`. */
export function slotsFor(width: number, l0: number | null): number {
  const wanted = l0 === null ? UNKNOWN : 2 ** Math.ceil(Math.log2(Math.max(1, 4 * l0)));
  return Math.min(width, Math.max(LEAST, Math.min(MOST, wanted)));
}
