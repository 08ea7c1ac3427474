import { shade } from '../../state/base/shade';

/** Pixels from which on neighbouring cells are set apart by one. */
const APART = 5;

/** Strength of each token's cell on a row's scale, 0..1; those that are not counted have none. */
export function strengthsOf(
  values: ArrayLike<number>,
  end: number,
  count: number,
  positions: readonly number[],
): Float32Array {
  const strengths = new Float32Array(count);
  for (const t of positions) strengths[t] = shade(values[t] ?? 0, end);
  return strengths;
}

/** The strength of each pixel of a strip, `width` pixels wide. Every token has its share of the width, rounded to whole
 *  pixels. Where several tokens share a pixel, the strongest is drawn, so that no firing is lost. `gap`: pixels between
 *  wide cells. */
export function pixelsOf(strengths: ArrayLike<number>, width: number, gap: number): Float32Array {
  const pixels = new Float32Array(width);
  const count = strengths.length;
  const apart = width / count >= APART * gap ? gap : 0;
  for (let t = 0; t < count; t++) {
    const strength = strengths[t]!;
    if (!(strength > 0)) continue;
    const from = Math.floor((t * width) / count);
    const to = Math.max(from + 1, Math.floor(((t + 1) * width) / count) - apart);
    for (let x = from; x < to; x++) if (strength > pixels[x]!) pixels[x] = strength;
  }
  return pixels;
}

interface Run {
  from: number;
  to: number;
  strength: number;
}

/** Neighbouring pixels of one strength, as rectangles to fill; without those that are zero. */
export function runsOf(pixels: ArrayLike<number>): Run[] {
  const runs: Run[] = [];
  for (let x = 0; x < pixels.length; x++) {
    const strength = pixels[x]!;
    if (strength === 0) continue;
    const last = runs.at(-1);
    if (last && last.to === x && last.strength === strength) last.to++;
    else runs.push({ from: x, to: x + 1, strength });
  }
  return runs;
}

/** The token under x on a strip of `width`; null outside of it. */
export function positionAt(x: number, width: number, count: number): number | null {
  return x >= 0 && x < width && count > 0 ? Math.min(count - 1, Math.floor((x / width) * count)) : null;
}

/** Where a row is active, for who cannot see it. */
interface Activity {
  /** Of the tokens that are drawn. */
  active: number;
  /** The strongest one; null where there is none. */
  most: number | null;
}

export function activityOf(values: ArrayLike<number>, positions: readonly number[]): Activity {
  let active = 0;
  let most: number | null = null;
  for (const t of positions) {
    if (!(values[t]! > 0)) continue;
    active++;
    if (most === null || values[t]! > values[most]!) most = t;
  }
  return { active, most };
}

/** How tokens are named over their columns: each along the line, each upright, or only the one in question. */
export type Naming = 'level' | 'upright' | 'one';

/** Narrowest column that an upright name fits, and what a name along the line keeps free, in CSS pixels. */
const UPRIGHT = 11;
const FREE = 4;

/** About the width of a token's name in the 12 px of the strips; Han and what else is wide takes a whole em. */
const nameWidth = (text: string): number =>
  [...text].reduce((width, sign) => width + (sign.codePointAt(0)! >= 0x1100 ? 12 : 7.2), 0);

/** `width`: of the strip. */
export function namingOf(
  chips: readonly { text: string; from: number; to: number }[],
  count: number,
  width: number,
): Naming {
  const column = width / count;
  if (chips.every(({ text, from, to }) => nameWidth(text.trimStart()) + FREE <= column * (to - from + 1)))
    return 'level';
  return column >= UPRIGHT ? 'upright' : 'one';
}
