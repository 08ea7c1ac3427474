import type { FeatureInfo, RelatedFeature } from '../api/feature';
import type { Site } from '../dictionary/site';
import { featureMaximum } from '../maths/maximum';
import type { Engine } from './engine';
import { type Scope, withScope } from './scope';
import { checkFeature, storedFacts } from './stored-facts';
import type { Tokenizer } from './tokenizer';

/** Tokens listed on each side, and similar features where they are computed. */
const LISTED = 10;

/** The facts about a feature, from the data beside its dictionary and from its decoder row on this machine. */
export async function featureInfo(engine: Engine, site: Site, id: number): Promise<FeatureInfo> {
  const { info, layer } = site;
  checkFeature(info, id);
  const [facts, { logits, similar }] = await Promise.all([
    storedFacts(site, id, engine.sites),
    measure(engine, site, id),
  ]);
  const maximum = featureMaximum(info, site.seen, id);
  return {
    layer,
    id,
    ...facts,
    similar: similar ?? facts.similar,
    maximum: maximum?.value ?? null,
    maximumFrom: maximum?.from ?? null,
    promoted: extremes(logits, 1, engine.tokenizer),
    suppressed: extremes(logits, -1, engine.tokenizer),
  };
}

interface Measured {
  /** W_U[token] · (norm weight * decoder row), [vocabulary]: the final norm and the unembedding, with the norm's
   *  division undone: the logit lens (nostalgebraist, 2020,
   *  https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru/interpreting-gpt-the-logit-lens) on a direction. */
  logits: Float32Array;
  /** Null if the feature data have it. */
  similar: RelatedFeature[] | null;
}

function measure({ model, queue }: Engine, site: Site, id: number): Promise<Measured> {
  const { compute, config } = model;
  return queue.run(() =>
    withScope(compute, async (scope) => {
      const row = await site.decoderRow(id);
      // Unit rows are small beside the norm's epsilon: a row of root mean square 1 goes in.
      const scale = Math.sqrt(config.d) / (Math.hypot(...row) || 1);
      const h = scope.rows(
        1,
        config.d,
        row.map((x) => x * scale),
      );
      const out = scope.rows(1, config.vocabularySize);
      await model.logits(h, 1, out);
      const near = site.features ? null : nearestRows(scope, site, id);
      const [logits, ids, cosines] = (await compute.read(near ? [out, near.ids, near.cosines] : [out])) as [
        Float32Array,
        Float32Array?,
        Float32Array?,
      ];
      return {
        logits: logits.map((logit) => logit / scale),
        similar: ids && cosines ? related(site.layer, id, ids, cosines) : null,
      };
    }),
  );
}

/** The features whose decoder rows are nearest to this one's, itself among them. */
function nearestRows(scope: Scope, { dictionary }: Site, id: number) {
  const { compute } = scope;
  const n = Math.min(LISTED + 1, dictionary.width);
  const all = scope.rows(1, dictionary.width);
  const [ids, cosines] = [scope.rows(1, n), scope.rows(1, n)];
  compute.similar(dictionary, id, all);
  compute.topk(all, 1, n, ids, cosines);
  return { ids, cosines };
}

function related(layer: number, own: number, ids: Float32Array, cosines: Float32Array): RelatedFeature[] {
  const others = Array.from(new Uint32Array(ids.buffer, ids.byteOffset, ids.length), (id, i) => ({
    layer,
    id,
    cosine: cosines[i]!,
    label: null,
  }));
  return others.filter(({ id, cosine }) => id !== own && cosine !== 0).slice(0, LISTED);
}

/** The tokens of the highest logits (sign 1) or the lowest (-1), ties by lower id. One pass, which reads the text
 *  of a token only if the token is among the first ten so far; few are. */
export function extremes(
  logits: Float32Array,
  sign: 1 | -1,
  tokenizer: Pick<Tokenizer, 'isSpecial' | 'text'>,
): FeatureInfo['promoted'] {
  const found: FeatureInfo['promoted'] = [];
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (found.length === LISTED && !(sign * logit > sign * found[LISTED - 1]!.logit)) continue;
    const text = tokenizer.text(id);
    if (text === '' || text.includes('\ufffd') || tokenizer.isSpecial(id)) continue;
    let at = found.length;
    while (at > 0 && sign * logit > sign * found[at - 1]!.logit) at--;
    found.splice(at, 0, { id, text, logit });
    if (found.length > LISTED) found.pop();
  }
  return found;
}
