import type { GeneratedRow, GenerateStep } from '../../lens/api/generate';
import { isSink } from '../../lens/maths/sinks';

/** A row of a run. */
export type StreamRow = GeneratedRow & {
  /** The token that was read at this step is a sink at a site where the run is edited: its size says nothing beside the
   *  others'. */
  sink?: true;
};

/** The median norm that sinks at a site are told by while text streams: null if it is not known. */
export type MedianAt = (layer: number) => number | null;

/** A step's rows, those at sinks marked. `layers`: the edited sites. */
export function markSinks(
  { rows, position }: Pick<GenerateStep, 'rows' | 'position'>,
  layers: readonly number[],
  medianAt: MedianAt,
): (StreamRow | null)[] {
  const isFed = ({ codes }: GeneratedRow) =>
    position === 1 ||
    layers.some((layer) => {
      const { norm, peak } = codes[layer] ?? {};
      return norm !== undefined && isSink(norm[0]!, peak?.[0] ?? 0, medianAt(layer));
    });
  return rows.map((row) => (row && isFed(row) ? { ...row, sink: true } : row));
}
