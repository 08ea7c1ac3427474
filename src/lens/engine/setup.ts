import { type Plan, planEdits, RowTable, randomSeed } from '../dictionary/edits';
import type { Site } from '../dictionary/site';
import type { Edit } from '../types';
import type { Moves } from './batch';
import { randomDirection } from './random';

/** Plans of several variants with the rows they share, ready for the device. */
export interface Setup {
  plans: Plan[];
  moves: Moves;
  directionIndex: (layer: number, seed: number) => number;
}

export function setUp(variants: Edit[][], sites: Site[], d: number): Setup {
  const moves: Moves = { vectors: new RowTable(), directions: new RowTable() };
  const context = {
    d,
    width: (layer: number) => sites.find((site) => site.layer === layer)?.info.width,
    layers: () => sites.map((site) => site.layer),
  };
  const directionIndex = (layer: number, seed: number) => moves.directions.add(`${layer} ${seed}`, () => randomDirection(seed, layer, d));
  const plans = variants.map((edits) => planEdits(edits, context, moves.vectors));
  // Every direction is known before the rows go to the device.
  for (const edit of variants.flat()) {
    const seed = randomSeed(edit);
    if (seed !== null) directionIndex(edit.layer, seed);
  }
  return { plans, moves, directionIndex };
}
