import { featureMaximum } from '../dictionary/maximum';
import type { Site } from '../dictionary/site';
import type { FeatureInfo } from '../types';
import type { Engine } from './engine';
import { checkFeature, storedFacts } from './feature-data';
import { withScope } from './scope';
import type { Tokenizer } from './tokenizer';

/** Tokens listed on each side. */
const LISTED = 10;

/** What is known of a feature: from the data beside its dictionary, and from its decoder row on this machine. */
export async function featureInfo(engine: Engine, site: Site, id: number): Promise<FeatureInfo> {
  const { info, layer } = site;
  checkFeature(info, id);
  const [facts, logits] = await Promise.all([storedFacts(site, id, engine.sites), directLogits(engine, site, id)]);
  const maximum = featureMaximum(info, site.seen, id);
  return {
    layer,
    id,
    ...facts,
    maximum: maximum?.value ?? null,
    maximumFrom: maximum?.from ?? null,
    promoted: extremes(logits, 1, engine.tokenizer),
    suppressed: extremes(logits, -1, engine.tokenizer),
  };
}

/** W_U[token] · (norm weight * decoder row), [vocabulary]: the final norm and the unembedding, with the norm's division undone. */
async function directLogits({ model, queue }: Engine, site: Site, id: number): Promise<Float32Array> {
  const { compute, config } = model;
  const row = site.decoderRow(id);
  // Unit rows are small beside the norm's epsilon: a row of root mean square 1 goes in.
  const scale = Math.sqrt(config.d) / (Math.hypot(...row) || 1);
  const logits = await queue.run(() =>
    withScope(compute, async (scope) => {
      const h = scope.rows(
        1,
        config.d,
        row.map((x) => x * scale),
      );
      const out = scope.rows(1, config.vocabularySize);
      await model.logits(h, 1, out);
      return (await compute.read([out]))[0]!;
    }),
  );
  return logits.map((logit) => logit / scale);
}

/** The tokens of the highest logits (sign 1) or the lowest (-1), ties by lower id. */
export function extremes(logits: Float32Array, sign: 1 | -1, tokenizer: Pick<Tokenizer, 'isSpecial' | 'text'>): FeatureInfo['promoted'] {
  const order = Array.from(logits.keys()).sort((a, b) => sign * (logits[b]! - logits[a]!) || a - b);
  const found: FeatureInfo['promoted'] = [];
  for (const id of order) {
    if (found.length === LISTED) break;
    const text = tokenizer.text(id);
    if (text !== '' && !text.includes('\ufffd') && !tokenizer.isSpecial(id)) found.push({ id, text, logit: logits[id]! });
  }
  return found;
}
