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

/** A difference of cross-entropies, nats a token, with its standard error. */
export interface LossDifference {
  more: number;
  error: number;
}

/** Of a known model, whose mean cross-entropy in float32 is `f32` nats: what other formats add. `on`: the text it was
 *  measured on, and the bytes of its weights; a format without a figure has no cell. */
export function lossOn(
  on: string,
  f32: number,
  differences: Readonly<Partial<Record<WeightFormat, LossDifference>>>,
): FormatLoss {
  const cells: Partial<Record<WeightFormat, string>> = {};
  for (const format of ['q4', 'q8', 'f16'] as const) {
    const own = differences[format];
    if (own) cells[format] = lossSays(own);
  }
  return {
    heading: 'Loss, nats',
    cells,
    says: `Loss: what a format adds to the ${fixed(f32, 3)} nats a token of float32, measured on ${on}.`,
  };
}

/** A difference that two standard errors do not tell from none is given as the most that it may be. */
function lossSays({ more, error }: LossDifference): string {
  if (Math.abs(more) > 2 * error) return signed(more, 4);
  const most = Math.abs(more) + 2 * error;
  const digits = Math.max(0, -Math.floor(Math.log10(most)));
  return `under ${(Math.ceil(most * 10 ** digits) / 10 ** digits).toFixed(digits)}`;
}
