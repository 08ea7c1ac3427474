import { EDIT_MODES, EDIT_ON, type Edit } from '../api/edit';
import { InvalidEditError, SiteUnavailableError } from '../api/errors';
import type { GateSlot, Slot } from '../kernels/compute';
import { actsOn, isIdle, randomSeed, vectorOf } from '../maths/control';
import { type Gate, parseWhen, writeWhen } from '../maths/gate';
import { type Place, placeOf, reaches, type TokenFacts } from '../maths/where';

/** Rows on the host that the kernels of an operation move along; one row a distinct key. */
export class RowTable {
  readonly list: Float32Array[] = [];
  private readonly index = new Map<string, number>();

  add(key: string, make: () => Float32Array): number {
    const known = this.index.get(key);
    if (known !== undefined) return known;
    this.index.set(key, this.list.length);
    return this.list.push(make()) - 1;
  }

  /** [list.length, d]. */
  data(d: number): Float32Array {
    const out = new Float32Array(this.list.length * d);
    for (const [i, row] of this.list.entries()) out.set(row, i * d);
    return out;
  }
}

/** The distinct gates of an operation. Each has a column of the flags. */
export class GateTable {
  private readonly columns = new Map<string, Gate>();

  get size(): number {
    return this.columns.size;
  }

  /** The gate's column. */
  add(gate: Gate): number {
    const key = writeWhen(gate);
    if (!this.columns.has(key)) this.columns.set(key, gate);
    return [...this.columns.keys()].indexOf(key);
  }

  /** Those that read a layer. */
  at(layer: number): GateSlot[] {
    return [...this.columns.values()].flatMap((gate, column) => (gate.layer === layer ? [{ ...gate, column }] : []));
  }
}

/** What the edits of an operation share on the device: the vectors that they move along, and their gates. */
export interface Tables {
  vectors: RowTable;
  gates: GateTable;
}

interface PlacedSlot {
  slot: Slot;
  place: Place | number[];
}

/** A variant's edits at one site. */
class SitePlan {
  constructor(
    readonly layer: number,
    private readonly placed: PlacedSlot[],
    /** Seed of the random direction that replaces the edits' own, or null. */
    readonly random: number | null,
  ) {}

  /** The slots that act on a token. */
  slots(token: TokenFacts): Slot[] {
    return this.placed.filter(({ place }) => reaches(place, token)).map(({ slot }) => slot);
  }

  reachesAny(tokens: readonly TokenFacts[]): boolean {
    return this.placed.some(({ place }) => tokens.some((token) => reaches(place, token)));
  }
}

/** The gate of an edit. */
interface PlannedGate {
  /** Of the flags. */
  column: number;
  /** The edit moves along a random direction: it acts where its source's gate is open. */
  random: boolean;
}

/** A variant's edits, checked and sorted by site. Edits that change nothing are left out, but for their gates. */
export class EditPlan {
  /** `gates`: one for each edit with `when`, in their order. */
  constructor(
    private readonly sites: Map<number, SitePlan>,
    readonly gates: readonly PlannedGate[],
  ) {}

  /** Whether a run of these edits evaluates gates. */
  get gated(): boolean {
    return this.gates.some(({ random }) => !random);
  }

  get empty(): boolean {
    return this.sites.size === 0;
  }

  at(layer: number): SitePlan | undefined {
    return this.sites.get(layer);
  }

  /** Lowest edited layer; throws on an empty plan. */
  get lowest(): number {
    return Math.min(...this.sites.keys());
  }

  /** Whether an edit may act on one of the tokens. */
  reachesAny(tokens: readonly TokenFacts[]): boolean {
    return [...this.sites.values()].some((site) => site.reachesAny(tokens));
  }
}

export interface PlanContext {
  d: number;
  /** Width of the dictionary at a layer, undefined where there is none. */
  width(layer: number): number | undefined;
  layers(): number[];
}

const nameOf = ({ layer, feature }: Edit) => `${layer}:${feature ?? 'vector'}`;

function checkEdit(edit: Edit, context: PlanContext): void {
  const name = nameOf(edit);
  const width = context.width(edit.layer);
  if (width === undefined)
    throw new SiteUnavailableError(
      `There is no dictionary at layer ${edit.layer}. Layers with one: ${context.layers().join(', ')}.`,
      { layer: edit.layer },
    );
  if (!EDIT_MODES.includes(edit.mode))
    throw new InvalidEditError(`Edit ${name}: mode "${edit.mode}" is not one of ${EDIT_MODES.join(', ')}.`);
  if (!Number.isFinite(Math.fround(edit.strength)))
    throw new InvalidEditError(`Edit ${name}: strength ${edit.strength} is not a finite number in float32.`);
  if (!EDIT_ON.includes(actsOn(edit)))
    throw new InvalidEditError(`Edit ${name}: "on" is one of ${EDIT_ON.join(', ')}.`);
  const seed = randomSeed(edit);
  if (seed !== null && !Number.isSafeInteger(seed))
    throw new InvalidEditError(`Edit ${name}: the random direction's seed is not a whole number.`);
  const along = vectorOf(edit);
  if (along) {
    if (edit.mode !== 'add') throw new InvalidEditError(`Edit ${name}: a vector can only be added.`);
    if (along.vector.length !== context.d)
      throw new InvalidEditError(
        `Edit ${name}: the vector has ${along.vector.length} numbers, the model ${context.d}.`,
      );
    if (!along.vector.every(Number.isFinite))
      throw new InvalidEditError(`Edit ${name}: the vector holds NaN or infinity.`);
    return;
  }
  if (edit.feature === undefined || !Number.isInteger(edit.feature) || edit.feature < 0 || edit.feature >= width) {
    throw new InvalidEditError(`Edit ${name}: features at layer ${edit.layer} are 0 to ${width - 1}.`);
  }
}

/** `where` in parts. Throws InvalidEditError, which names the edit. */
function checkedPlace(edit: Edit): Place | number[] {
  const { where } = edit;
  if (Array.isArray(where) ? !where.every((p) => Number.isInteger(p) && p >= 0) : !isWords(where))
    throw new InvalidEditError(`Edit ${nameOf(edit)}: "where" is words, or a list of positions.`);
  return named(edit, () => placeOf(edit));
}

const isWords = (value: unknown) => value === undefined || typeof value === 'string';

/** `when` in parts, null without. Throws InvalidEditError, SiteUnavailableError, which name the edit. */
function checkedGate(edit: Edit, context: PlanContext): Gate | null {
  const { when } = edit;
  if (when === undefined) return null;
  const name = nameOf(edit);
  const gate = named(edit, () => parseWhen(when));
  const width = context.width(gate.layer);
  if (gate.layer > edit.layer)
    throw new InvalidEditError(
      `Edit ${name}: its gate reads layer ${gate.layer}, which is computed later. Use a layer up to ${edit.layer}.`,
    );
  if (width === undefined)
    throw new SiteUnavailableError(
      `Edit ${name}: its gate reads layer ${gate.layer}, where there is no dictionary. Layers with one: ${context.layers().join(', ')}.`,
      { layer: gate.layer },
    );
  if (gate.feature >= width)
    throw new InvalidEditError(
      `Edit ${name}: its gate reads feature ${gate.feature}; features at layer ${gate.layer} are 0 to ${width - 1}.`,
    );
  return gate;
}

/** Reads a written form of an edit; its InvalidEditError names the edit. */
function named<T>(edit: Edit, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidEditError) throw new InvalidEditError(`Edit ${nameOf(edit)}: ${error.message}`);
    throw error;
  }
}

function toSlot(edit: Edit, vectors: RowTable): Slot {
  const base = { mode: edit.mode, feature: edit.feature ?? 0, strength: edit.strength, on: actsOn(edit) };
  const along = vectorOf(edit);
  if (!along) return base;
  const { vector, relativeToNorm = false } = along;
  if (!relativeToNorm) return { ...base, vector: vectors.add(`raw ${vector.join()}`, () => vector), relative: false };
  const norm = Math.hypot(...vector);
  if (norm === 0) throw new InvalidEditError('A vector of length 0 has no direction to scale.');
  return { ...base, vector: vectors.add(`unit ${vector.join()}`, () => vector.map((x) => x / norm)), relative: true };
}

/** Checks edits (InvalidEditError, SiteUnavailableError) and sorts them by site. The tables collect what they need. */
export function planEdits(edits: Edit[], context: PlanContext, { vectors, gates }: Tables): EditPlan {
  const planned: PlannedGate[] = [];
  const grouped = new Map<number, { placed: PlacedSlot[]; seeds: Set<number | null> }>();
  for (const edit of edits) {
    checkEdit(edit, context);
    const place = checkedPlace(edit);
    const waits = checkedGate(edit, context);
    const gate = waits ? gates.add(waits) : undefined;
    if (gate !== undefined) planned.push({ column: gate, random: randomSeed(edit) !== null });
    if (isIdle(edit)) continue;
    const group = grouped.get(edit.layer) ?? { placed: [], seeds: new Set() };
    grouped.set(edit.layer, group);
    group.placed.push({ slot: { ...toSlot(edit, vectors), gate }, place });
    group.seeds.add(randomSeed(edit));
  }
  const sites = new Map<number, SitePlan>();
  for (const [layer, { placed, seeds }] of grouped) {
    if (seeds.size > 1)
      throw new InvalidEditError(
        `Layer ${layer}: one variant cannot mix random directions with others, or two seeds. Use two variants.`,
      );
    sites.set(layer, new SitePlan(layer, placed, [...seeds][0] ?? null));
  }
  return new EditPlan(sites, planned);
}
