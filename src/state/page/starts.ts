import type { Lens } from '../../lens/api/lens';
import { centredMedian, startWeight } from '../steering/range';
import type { Stores } from './stores';

/** Where a new row of a feature begins. */
export interface Starts {
  /** Takes a decoder row that was not measured yet for one of length 1, as most dictionaries' are. */
  of(layer: number, feature: number): number;
  /** Norm of a feature's decoder row; null without a model. */
  rowLength(layer: number, feature: number): Promise<number | null>;
}

export function createStarts({ engine, tracer, unit }: Pick<Stores, 'engine' | 'tracer' | 'unit'>): Starts {
  /** Lengths of decoder rows, by the lens they are of. */
  const known = new WeakMap<Lens, Map<string, number>>();
  const lengths = (lens: Lens) => {
    const of = known.get(lens) ?? new Map<string, number>();
    known.set(lens, of);
    return of;
  };
  const of = (layer: number, feature: number) => {
    const { lens } = engine.store.getState();
    const codes = tracer.store.getState().reading?.sites[layer];
    const length = lens && lengths(lens).get(`${layer}:${feature}`);
    return startWeight(unit(layer, feature), codes ? centredMedian(codes) : null, length ?? 1);
  };
  return {
    of,
    rowLength: async (layer, feature) => {
      const { lens } = engine.store.getState();
      if (!lens) return null;
      const all = lengths(lens);
      const name = `${layer}:${feature}`;
      if (!all.has(name)) all.set(name, Math.hypot(...(await lens.decoderRow(layer, feature))));
      return all.get(name)!;
    },
  };
}
