import type { Lens } from '../../lens/api/lens';
import { siteOf } from '../reading/select';
import { sinksAt } from '../reading/sinks';
import type { Strength } from '../steering/edits';
import { centredMedian, normOf, startStrength } from '../steering/range';
import { type Scales, scalesOf } from '../steering/unit';
import type { Stores } from './stores';

/** Where a new row of a feature begins. */
export interface Starts {
  /** Takes a decoder row that was not measured yet for one of length 1, as most dictionaries' are. */
  of(layer: number, feature: number): Strength;
  /** Norm of a feature's decoder row; null without a model, or where the row cannot be had. */
  rowLength(layer: number, feature: number): Promise<number | null>;
  /** The units of a feature's strength, as far as they are known by now. */
  scales(layer: number, feature: number): Scales;
}

export function createStarts({ engine, tracer, maximumOf }: Pick<Stores, 'engine' | 'tracer' | 'maximumOf'>): Starts {
  /** Norms of decoder rows, by the lens they are of, and the questions for them. */
  const known = new WeakMap<Lens, { lengths: Map<string, number>; asked: Map<string, Promise<number | null>> }>();
  const knownOf = (lens: Lens) => {
    const there = known.get(lens) ?? { lengths: new Map(), asked: new Map() };
    known.set(lens, there);
    return there;
  };
  const lengthOf = (layer: number, feature: number) => {
    const { lens } = engine.store.getState();
    return (lens && knownOf(lens).lengths.get(`${layer}:${feature}`)) ?? null;
  };
  /** The codes of the text on show at a site, and its sinks there. */
  const readAt = (layer: number) => {
    const { reading } = tracer.store.getState();
    return { codes: reading?.sites[layer], sinks: reading && sinksAt(reading, layer) };
  };
  const of = (layer: number, feature: number) => {
    const { codes, sinks } = readAt(layer);
    const centred = codes && sinks ? centredMedian(codes, sinks) : null;
    return startStrength(maximumOf(layer, feature), centred, lengthOf(layer, feature) ?? 1);
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
    scales: (layer, feature) => {
      const { codes, sinks } = readAt(layer);
      const norm = normOf(siteOf(engine.store.getState().info, layer) ?? null, codes, sinks);
      return scalesOf(maximumOf(layer, feature), norm, lengthOf(layer, feature));
    },
  };
}
