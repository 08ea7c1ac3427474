import type { DecoderConfig } from '../folders/config';
import type { Rope } from '../folders/rope';

/** Names of the rotary tables of a kind of attention, in the graph and on the device; each [positions, headDim / 2]. All
 *  begin with `rope.`. */
export function ropeNames(kind: number): { cos: string; sin: string } {
  const at = kind === 0 ? 'rope' : `rope.${kind}`;
  return { cos: `${at}.cos`, sin: `${at}.sin` };
}

/** The numbers of the table of this name. */
export function ropeTable(
  { attention, headDim }: Pick<DecoderConfig, 'attention' | 'headDim'>,
  positions: number,
  name: string,
): Float32Array {
  const kind = attention.findIndex((_, i) => Object.values(ropeNames(i)).includes(name));
  if (kind < 0) throw new Error(`No kind of attention has a table ${name}.`);
  const { cos, sin } = rotaryTables(positions, headDim, attention[kind]!.rope);
  return name === ropeNames(kind).cos ? cos : sin;
}

/** Rotary tables of positions 0 to positions - 1 for a rotation of halves, as HF computes them: angle = position *
 *  frequency i (Su et al., 2021, https://arxiv.org/abs/2104.09864, section 3.2). Both [positions, headDim / 2]. */
export function rotaryTables(positions: number, headDim: number, rope: Rope): { cos: Float32Array; sin: Float32Array } {
  const half = headDim / 2;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let i = 0; i < half; i++) {
    const frequency = scaled(rope.theta ** (-i / half), rope);
    for (let p = 0; p < positions; p++) {
      cos[p * half + i] = Math.cos(p * frequency);
      sin[p * half + i] = Math.sin(p * frequency);
    }
  }
  return { cos, sin };
}

/** A frequency in radians a position, scaled as folders/rope.ts says: kept where it is fast, divided where it is slow,
 *  and in between a mixture of both, by its turns within the original context. */
function scaled(frequency: number, { scaling }: Rope): number {
  if (!scaling) return frequency;
  if (!('slow' in scaling)) return frequency / scaling.factor;
  const { factor, slow, fast, originalContext } = scaling;
  const turns = (originalContext * frequency) / (2 * Math.PI);
  const kept = Math.min(1, Math.max(0, (turns - slow) / (fast - slow)));
  return kept * frequency + ((1 - kept) * frequency) / factor;
}
