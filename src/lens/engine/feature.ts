import { featureMaximum } from '../dictionary/maximum';
import type { Site } from '../dictionary/site';
import { InvalidEditError } from '../errors';
import type { FeatureInfo } from '../types';
import type { Engine } from './engine';
import { withScope } from './scope';

/** Tokens shown on each side. */
const SHOWN = 10;

/** What is known of a feature. Promoted and suppressed tokens: the decoder row, scaled to root mean square 1 by the final norm itself, through the
 *  norm's weights and the unembedding; the suppressed ones are the promoted ones of the negated row, since that map is odd. */
export async function featureInfo(engine: Engine, site: Site, id: number): Promise<FeatureInfo> {
  const { info, layer } = site;
  if (!Number.isInteger(id) || id < 0 || id >= info.width) throw new InvalidEditError(`Features at layer ${layer} are 0 to ${info.width - 1}.`);
  const { model, queue, tokenizer } = engine;
  const { compute, config } = model;
  const row = site.decoderRow(id);
  // Unit rows are small beside the norm's epsilon; the norm divides any scale out again.
  const scale = Math.sqrt(config.d) / (Math.hypot(...row) || 1);
  const both = Float32Array.from({ length: 2 * config.d }, (_, i) => (i < config.d ? row[i]! : -row[i - config.d]!) * scale);
  const maximum = featureMaximum(info, site.seen, id);
  return queue.run(() =>
    withScope(compute, async (scope) => {
      const h = scope.rows(2, config.d, both);
      const logits = scope.rows(2, config.vocabularySize);
      const ids = scope.rows(2, SHOWN);
      const values = scope.rows(2, SHOWN);
      await model.logits(h, 2, logits);
      compute.topk(logits, 2, SHOWN, ids, values);
      const [idData, valueData] = (await compute.read([ids, values])) as [Float32Array, Float32Array];
      const bits = new Uint32Array(idData.buffer, idData.byteOffset, idData.length);
      const list = (from: number, sign: number) =>
        Array.from(bits.subarray(from, from + SHOWN), (token, i) => ({ id: token, text: tokenizer.label(token), logit: sign * valueData[from + i]! }));
      return {
        layer,
        id,
        label: null,
        density: info.density?.[id] ?? null,
        maximum: maximum?.value ?? null,
        maximumFrom: maximum?.from ?? null,
        promoted: list(0, 1),
        suppressed: list(SHOWN, -1),
      };
    }),
  );
}
