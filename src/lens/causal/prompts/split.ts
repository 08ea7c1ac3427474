import { PromptSetError } from '../../api/errors';
import { hashText } from './hash';
import { near, piecesOf } from './near';
import type { Exclusion, PromptItem, Split } from './prompt';

export type Side = 'dev' | 'test';

export interface Placed {
  side: Side;
  /** Equal for prompts that are joined: one cluster of the statistics. */
  cluster: string;
}

/** The side of every prompt by its id, and those that had none to go to. */
export interface Partition {
  placed: Map<string, Placed>;
  refused: Exclusion[];
}

/** Splits prompts into development and test. A prompt's side is where the hash of (salt, group) falls, of a group of its
 *  own unless it names one; a near-duplicate takes the side of the prompts before it that it is near to. One that is near
 *  to both sides, or whose group lies on the other side, has none. So prompts that are added behind others move none. */
export async function partition(items: readonly PromptItem[], split: Split): Promise<Partition> {
  const index = new Map<string, number[]>();
  const pieces = items.map(({ text }) => piecesOf(text));
  const placed = new Map<string, Placed>();
  const refused: Exclusion[] = [];
  const clusters = new Clusters(items.length);
  const groups = new Map<string, number>();
  const sides: (Side | null)[] = [];
  for (const [i, item] of items.entries()) {
    const relatives = before(index, pieces, i);
    const same = item.group === undefined ? undefined : groups.get(item.group);
    if (same !== undefined) relatives.push(same);
    const found = new Set(relatives.map((j) => sides[j]!));
    // A group that begins behind its first member's near-duplicate must not fall elsewhere for its next one.
    const own =
      found.size === 0 ? await sideOf(split, item.group === undefined ? item.id : `group ${item.group}`) : null;
    sides[i] = found.size > 1 ? null : (own ?? [...found][0]!);
    if (sides[i] === null) {
      refused.push({ id: item.id, reason: 'both-sides', note: bothSides(items, relatives, sides) });
      continue;
    }
    for (const j of relatives) clusters.join(i, j);
    for (const piece of pieces[i]!) index.set(piece, [...(index.get(piece) ?? []), i]);
    if (item.group !== undefined && same === undefined) groups.set(item.group, i);
  }
  for (const [i, { id }] of items.entries()) {
    const side = sides[i];
    if (side) placed.set(id, { side, cluster: items[clusters.of(i)]!.id });
  }
  return { placed, refused };
}

/** Earlier prompts that are near to prompt i. Refused ones are not in the index. */
function before(index: ReadonlyMap<string, number[]>, pieces: readonly Set<string>[], i: number): number[] {
  const candidates = new Set([...pieces[i]!].flatMap((piece) => index.get(piece) ?? []));
  return [...candidates].filter((j) => near(pieces[i]!, pieces[j]!)).sort((a, b) => a - b);
}

/** Uniform in [0, 1) from the first 32 bits of SHA-256(salt, line break, group), against the share of the test. */
async function sideOf({ salt, test }: Split, group: string): Promise<Side> {
  const hash = await hashText(`${salt}\n${group}`);
  return Number.parseInt(hash.slice(0, 8), 16) / 2 ** 32 < test ? 'test' : 'dev';
}

function bothSides(
  items: readonly PromptItem[],
  relatives: readonly number[],
  sides: readonly (Side | null)[],
): string {
  const on = (side: Side) => items[relatives.find((j) => sides[j] === side)!]!.id;
  return `It is joined to ${on('dev')} in development and to ${on('test')} in the test: leave one of the three out.`;
}

/** Joined prompts, named by the first of each (union-find). */
class Clusters {
  private readonly parent: number[];
  constructor(n: number) {
    this.parent = Array.from({ length: n }, (_, i) => i);
  }
  of(i: number): number {
    let at = i;
    while (this.parent[at] !== at) at = this.parent[at] = this.parent[this.parent[at]!]!;
    return at;
  }
  join(i: number, j: number): void {
    const [a, b] = [this.of(i), this.of(j)];
    this.parent[Math.max(a, b)] = Math.min(a, b);
  }
}

/** Throws PromptSetError where a prompt is joined to both sides: nothing is left out without being named. */
export function refuseBothSides(name: string, { refused: [first] }: Partition): void {
  if (first)
    throw new PromptSetError(
      `The prompt ${first.id} of “${name}” would lie on both sides of the split. ${first.note}`,
      {
        set: name,
        id: first.id,
      },
    );
}
