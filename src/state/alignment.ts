import { diffArrays } from 'diff';
import type { Stream } from './measure';

/** Index of the first generated token that differs, or null while the texts agree. One text being longer is no divergence yet. */
export function divergence(base: Stream, other: Stream): number | null {
  const shared = Math.min(base.length, other.length);
  for (let i = 0; i < shared; i++) if (base[i]!.token !== other[i]!.token) return i;
  return null;
}

export interface Alignment {
  /** First token that differs, or null. */
  at: number | null;
  /** Per token of each text: true where it has no partner in the other. */
  base: boolean[];
  other: boolean[];
}

/** The two texts aligned by token id: equal up to the first divergence, a shortest edit script after it. */
export function align(base: Stream, other: Stream): Alignment {
  const at = divergence(base, other);
  const from = at ?? Math.min(base.length, other.length);
  const marks: Alignment = { at, base: Array(from).fill(false), other: Array(from).fill(false) };
  if (at === null) {
    marks.base.push(...Array(base.length - from).fill(false));
    marks.other.push(...Array(other.length - from).fill(false));
    return marks;
  }
  const ids = (stream: Stream) => stream.slice(from).map((row) => row.token);
  for (const part of diffArrays(ids(base), ids(other))) {
    const marked = part.added || part.removed;
    if (!part.added) marks.base.push(...Array(part.value.length).fill(marked));
    if (!part.removed) marks.other.push(...Array(part.value.length).fill(marked));
  }
  return marks;
}
