import type { JsonObject } from '../../lens/formats/json';
import { mix } from '../../lens/maths/random';
import type { TokenTarget } from '../words/record';
import { anyText, EXTRAS, integerOrNull, isExtra, LAST_PLACE, LONGEST_TOKEN, LONGEST_WORDS, positive } from './format';
import type { Extras, LogEntry } from './record';
import { cosineOf, errorOf, numberOrNull } from './scores';

/** A result of Neuronpedia: what it states, and null for all that it does not. */
export interface ForeignLine {
  position: number;
  token: string;
  tokenId: number | null;
  description: string;
  norm: number | null;
  error: number | null;
  cosine: number | null;
  variance: number | null;
  model: string | null;
  layer: number | null;
  extras: Extras | null;
}

/** One result; what its answer says of all of them counts where it does not say it itself. */
export function parseForeign(json: JsonObject, answer: JsonObject | null): ForeignLine {
  const either = (key: string): JsonObject => (json.get(key) === undefined && answer ? answer : json);
  const extras = EXTRAS.flatMap((key) => {
    const value = either(key).get(key);
    if (value === undefined) return [];
    return isExtra(key, value)
      ? [[key, value] as const]
      : either(key).refuse(key, 'must be a short text, a number, or true or false');
  });
  return {
    position: json.integer('position', 0, LAST_PLACE),
    token: anyText(json, 'token', LONGEST_TOKEN),
    tokenId: integerOrNull(json, 'token_id', LAST_PLACE),
    description: anyText(json, 'description', LONGEST_WORDS),
    norm: numberOrNull(json, 'l2_norm', 0),
    error: errorOf(json, 'mse'),
    cosine: cosineOf(json, 'cosine_similarity'),
    variance: either('norm').get('norm') === undefined ? null : positive(either('norm'), 'norm'),
    model: either('modelId').get('modelId') === undefined ? null : either('modelId').text('modelId', 4000),
    layer: integerOrNull(either('layer_index'), 'layer_index', 999),
    extras: extras.length ? Object.fromEntries(extras) : null,
  };
}

/** Results of one text as entries. Nothing is made up: neighbours that are in the file too are the text around a token,
 *  and the same line always gets the same id, so that it is recognised when it comes again. */
export function foreignEntries(lines: readonly ForeignLine[], origin: string, now: number): LogEntry[] {
  if (!lines.length) return [];
  const ids = lines.map((line) => `neuronpedia ${hashOf(JSON.stringify(Object.values({ ...line, extras: null })))}`);
  const run = `neuronpedia ${hashOf(ids.join())}`;
  const places = textAround(lines);
  return lines.map((line, i) => {
    const { position, token, tokenId, description, norm, error, cosine, variance, model, layer, extras } = line;
    // As Neuronpedia has it: 0 is perfect, 1 no nearer than the mean.
    const relative = error !== null && variance !== null ? error / variance : null;
    const known = error !== null || cosine !== null;
    return {
      id: ids[i]!,
      run,
      when: null,
      model,
      sha256: null,
      source: extras?.nlaSourceId === undefined ? null : 'nla',
      layer,
      target: { kind: 'token', position, tokenId, token, ...places.get(position), norm } as TokenTarget,
      samples: [
        {
          text: description,
          score: known ? { cosine, error, relative, fve: relative === null ? null : 1 - relative } : null,
          done: null,
        },
      ],
      controls: null,
      variance,
      beatsControl: null,
      options: { seed: null, temperature: null, maxTokens: null },
      added: now,
      pinned: false,
      origin,
      extras,
    };
  });
}

type Place = Pick<TokenTarget, 'text' | 'whole' | 'span'>;
/** Characters of a text that are kept with a token of it, where it is longer. */
const ROOM = 2048;

/** What stands around each position, from positions that follow one another. It may be a part of the text: it cannot be
 *  traced again. */
function textAround(lines: readonly ForeignLine[]): ReadonlyMap<number, Place> {
  const tokens = new Map<number, string>();
  for (const { position, token } of lines) if (!tokens.has(position)) tokens.set(position, token);
  const stretches: number[][] = [];
  for (const position of [...tokens.keys()].sort((a, b) => a - b)) {
    const last = stretches.at(-1);
    if (last?.at(-1) === position - 1) last.push(position);
    else stretches.push([position]);
  }
  const places = new Map<number, Place>();
  for (const stretch of stretches) {
    if (stretch.length === 1) {
      places.set(stretch[0]!, { text: null, whole: false, span: null });
      continue;
    }
    const text = stretch.map((position) => tokens.get(position)!).join('');
    let from = 0;
    for (const position of stretch) {
      const to = from + tokens.get(position)!.length;
      const start = text.length <= ROOM ? 0 : Math.max(0, from - ROOM / 2);
      places.set(position, {
        text: text.length <= ROOM ? text : text.slice(start, to + ROOM / 2),
        whole: false,
        span: [from - start, to - start],
      });
      from = to;
    }
  }
  return places;
}

/** 128 bits of a text, to tell lines apart. Not against forgery. */
export function hashOf(text: string): string {
  return [1, 2, 3, 4]
    .map((lane) => {
      let hash = mix(lane);
      for (let i = 0; i < text.length; i++) hash = mix(hash ^ text.charCodeAt(i)) + lane;
      return (hash >>> 0).toString(16).padStart(8, '0');
    })
    .join('');
}
