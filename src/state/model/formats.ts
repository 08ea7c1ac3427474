import type { WeightFormat } from '../../lens/api/model';

/** Of a token's active features, how many are the same as in float32: the share of both sets together (Jaccard), lowest
 *  and highest mean over the sites of lenslet-mini (docs/quantisation.json). */
export const SHARED: Readonly<Record<Exclude<WeightFormat, 'f32'>, readonly [low: number, high: number]>> = {
  q4: [0.77, 0.83],
  q8: [0.97, 0.98],
  f16: [1, 1],
};

/** "77 to 83 %". */
export function sharedSays(format: WeightFormat): string {
  if (format === 'f32') return '100 %';
  const [low, high] = SHARED[format].map((share) => Math.round(share * 100)) as [number, number];
  return low === high ? `${high} %` : `${low} to ${high} %`;
}

/** What the figure is, and where it was measured. */
export const SHARED_SAYS =
  'Features shared: of a token’s active features, those that are the same with float32, measured on lenslet-mini, whose own weights are f16; what a larger model loses is not known.';
