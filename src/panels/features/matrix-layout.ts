import type { Chip } from '../../state/chips';

const WIDE = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Extended_Pictographic}/u;
const NARROW_PX = 7.2;
const WIDE_PX = 12;

/** Width of a chip's column in pixels: its text at 12 px mono, within limits that keep short tokens visible and long ones from filling the view. */
export function columnWidth(text: string): number {
  let width = 3;
  for (const sign of text) width += WIDE.test(sign) ? WIDE_PX : NARROW_PX;
  return Math.round(Math.min(84, Math.max(13, width)));
}

export interface Columns {
  /** Left edge of each chip's column, and the end of the last: length chips + 1. */
  edges: number[];
}

export function columnsOf(chips: readonly Chip[]): Columns {
  const edges = [0];
  for (const chip of chips) edges.push(edges.at(-1)! + columnWidth(chip.text));
  return { edges };
}

/** Index of the column at x, or -1 outside of them. */
export function columnAt({ edges }: Columns, x: number): number {
  if (x < 0 || x >= edges.at(-1)!) return -1;
  let low = 0;
  let high = edges.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= x) low = middle;
    else high = middle;
  }
  return low;
}
