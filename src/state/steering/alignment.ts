import type { GeneratedRow } from '../../lens/api/generate';

/** A text as alignment sees it. */
type Tokens = readonly Pick<GeneratedRow, 'token'>[];

/** Index of the first generated token that differs, or null while the texts agree. One text being longer is no
 *  divergence yet. */
export function divergence(base: Tokens, other: Tokens): number | null {
  const shared = Math.min(base.length, other.length);
  for (let i = 0; i < shared; i++) if (base[i]!.token !== other[i]!.token) return i;
  return null;
}

interface Alignment {
  /** First token that differs, or null. */
  at: number | null;
  /** Per token of each text: true where it has no partner in the other. */
  base: boolean[];
  other: boolean[];
}

/** The two texts aligned by token id: equal up to the first divergence, a longest common subsequence after it. Takes n
 *  x m steps, so always a million for texts of 1,024 tokens; an edit script's search would take longest for texts with
 *  the least in common. */
export function align(base: Tokens, other: Tokens): Alignment {
  const at = divergence(base, other);
  const marks: Alignment = { at, base: Array(base.length).fill(false), other: Array(other.length).fill(false) };
  if (at === null) return marks;
  const [a, b] = [base, other].map((stream) => Int32Array.from(stream.slice(at), (row) => row.token)) as [
    Int32Array,
    Int32Array,
  ];
  const common = commonLengths(a, b);
  const wide = b.length + 1;
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
    } else if (j === b.length || (i < a.length && common[(i + 1) * wide + j]! >= common[i * wide + j + 1]!))
      marks.base[at + i++] = true;
    else marks.other[at + j++] = true;
  }
  return marks;
}

/** Length of the longest common subsequence of a[i ..] and b[j ..] at i * (b.length + 1) + j. */
function commonLengths(a: Int32Array, b: Int32Array): Uint32Array {
  const wide = b.length + 1;
  const common = new Uint32Array((a.length + 1) * wide);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const here = i * wide + j;
      common[here] = a[i] === b[j] ? common[here + wide + 1]! + 1 : Math.max(common[here + wide]!, common[here + 1]!);
    }
  }
  return common;
}

/** `align` for two texts that grow. The divergence is always current. While the texts are `growing`, partners are
 *  sought again only every `every` tokens (both texts counted), and newer tokens carry no mark until then. Once the
 *  texts have stopped growing, all marks are right. */
export function createAligner(every = 64): (base: Tokens, other: Tokens, growing: boolean) => Alignment {
  let last: { base: Tokens; other: Tokens; marks: Alignment } | null = null;
  return (base, other, growing) => {
    const isKnown =
      last?.marks.at === divergence(base, other) &&
      grownBy(last.base, base) + grownBy(last.other, other) < (growing ? every : 1);
    if (!last || !isKnown) last = { base, other, marks: align(base, other) };
    return last.marks;
  };
}

/** How many rows more the text has than before, Infinity where it is another: rows are appended, never changed. */
function grownBy(before: Tokens, now: Tokens): number {
  const same = before.length <= now.length && (before.length === 0 || before.at(-1) === now[before.length - 1]);
  return same ? now.length - before.length : Number.POSITIVE_INFINITY;
}
