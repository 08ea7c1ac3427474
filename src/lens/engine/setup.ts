import type { Edit } from '../api/edit';
import { type EditPlan, GateTable, planEdits, RowTable } from '../dictionary/edits';
import type { Site } from '../dictionary/site';
import type { Rows } from '../kernels/compute';
import { randomSeed, sourceEdits, sourceOf } from '../maths/control';
import { randomDirection } from '../maths/random';
import type { Scope } from './scope';

/** One row of a batch. */
export interface RowSpec {
  plan: EditPlan;
  /** Row whose |change| this row's random directions match at every site and position; -1 where it has none. */
  source: number;
}

/** The vectors and directions that plans move along, on the device. */
export interface Moves {
  vectors: Rows | null;
  directions: Rows | null;
  /** Row of `directions`. */
  direction(layer: number, seed: number): number;
}

/** The rows of all variants: first one row a variant, then the sources that only random variants need. */
export interface Setup {
  specs: RowSpec[];
  /** Of all rows. */
  gates: GateTable;
  /** Rows for the plans, as long as the scope lives. */
  upload(scope: Scope): Moves;
}

/** Checks and plans the edits of several variants. Throws InvalidEditError, SiteUnavailableError. */
export function setUp(variants: Edit[][], sites: Site[], d: number): Setup {
  const context = {
    d,
    width: (layer: number) => sites.find((site) => site.layer === layer)?.info.width,
    layers: () => sites.map((site) => site.layer),
  };
  const tables = { vectors: new RowTable(), gates: new GateTable() };
  const directions = new RowTable();
  const direction = (layer: number, seed: number) =>
    directions.add(`${layer} ${seed}`, () => randomDirection(seed, layer, d));
  const rows = [...variants];
  const plans = variants.map((edits) => planEdits(edits, context, tables));
  for (const edits of variants)
    if (edits.some((edit) => randomSeed(edit) !== null) && sourceOf(rows, edits) < 0) {
      const source = sourceEdits(edits);
      rows.push(source);
      plans.push(planEdits(source, context, tables));
    }
  const specs = plans.map((plan, row) => ({ plan, source: sourceOf(rows, rows[row]!) }));
  for (const edit of rows.flat()) {
    const seed = randomSeed(edit);
    if (seed !== null) direction(edit.layer, seed);
  }
  const upload = (scope: Scope, table: RowTable) =>
    table.list.length > 0 ? scope.rows(table.list.length, d, table.data(d)) : null;
  return {
    specs,
    gates: tables.gates,
    upload: (scope) => ({ vectors: upload(scope, tables.vectors), directions: upload(scope, directions), direction }),
  };
}
