import type { WeightFormat } from '../../lens/api/model';
import { fixed, signed } from '../../lens/maths/figures';

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

/** What the formats of the weights lose, measured on a model. */
export interface FormatLoss {
  /** Heads the column of `cells`. */
  heading: string;
  cells: Readonly<Partial<Record<WeightFormat, string>>>;
  /** What the figure is, and on which model it was measured. */
  says: string;
}

/** Of models that nobody has measured. */
export const MINI_LOSS: FormatLoss = {
  heading: 'Features shared',
  cells: { q4: sharedSays('q4'), q8: sharedSays('q8'), f16: sharedSays('f16') },
  says: SHARED_SAYS,
};

/** Of a known model, from its mean cross-entropy in nats by format. `on`: the model's name and the bytes of its weights;
 *  a format without a figure has no cell. */
export function lossOn(on: string, crossEntropy: Readonly<Partial<Record<WeightFormat, number>>>): FormatLoss {
  const { f32 = Number.NaN } = crossEntropy;
  const cells: Partial<Record<WeightFormat, string>> = {};
  for (const format of ['q4', 'q8', 'f16'] as const) {
    const own = crossEntropy[format];
    if (own !== undefined) cells[format] = signed(own - f32, 4);
  }
  return {
    heading: 'Loss',
    cells,
    says: `Loss: nats a token beside ${fixed(f32, 3)} with float32, measured on ${on}.`,
  };
}
