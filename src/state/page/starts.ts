import type { Lens } from '../../lens/api/lens';
import { sinksAt } from '../reading/sinks';
import { centredMedian, startWeight } from '../steering/range';
import type { Stores } from './stores';

/** Where a new row of a feature begins. */
export interface Starts {
  /** Takes a decoder row that was not measured yet for one of length 1, as most dictionaries' are. */
  of(layer: number, feature: number): number;
  /** Norm of a feature's decoder row; null without a model, or where the row cannot be had. */
  rowLength(layer: number, feature: number): Promise<number | null>;
}

export function createStarts({ engine, tracer, unit }: Pick<Stores, 'engine' | 'tracer' | 'unit'>): Starts {
  /** Norms of decoder rows, by the lens they are of, and the questions for them. */
  const known = new WeakMap<Lens, { lengths: Map<string, number>; asked: Map<string, Promise<number | null>> }>();
  const knownOf = (lens: Lens) => {
    const there = known.get(lens) ?? { lengths: new Map(), asked: new Map() };
    known.set(lens, there);
    return there;
  };
  const of = (layer: number, feature: number) => {
    const { lens } = engine.store.getState();
    const { reading } = tracer.store.getState();
    const codes = reading?.sites[layer];
    const length = lens && knownOf(lens).lengths.get(`${layer}:${feature}`);
    return startWeight(unit(layer, feature), codes ? centredMedian(codes, sinksAt(reading, layer)) : null, length ?? 1);
  };
  return {
    of,
    rowLength: async (layer, feature) => {
      const { lens } = engine.store.getState();
      if (!lens) return null;
      const { lengths, asked } = knownOf(lens);
      const name = `${layer}:${feature}`;
      const measure = async () => {
        try {
          lengths.set(name, Math.hypot(...(await lens.decoderRow(layer, feature))));
        } catch {
          // The next caller asks again.
          asked.delete(name);
        }
        return lengths.get(name) ?? null;
      };
      if (!asked.has(name)) asked.set(name, measure());
      return asked.get(name)!;
    },
  };
}
