import * as v from 'valibot';
import * as s from '../../lens/exchange/schemas';
import { mix } from '../../lens/maths/random';
import type { TokenTarget } from '../words/record';
import { cosine, EXTRAS, extras, place, tokenText, variance, words } from './format';
import type { Line } from './lines';
import type { LogEntry } from './record';

/** Fields that an answer may state once for all its results. */
const shared = {
  norm: v.optional(variance),
  modelId: v.optional(s.ModelName),
  layer_index: v.optional(s.Layer),
  ...extras,
};
const SHARED = Object.keys(shared);
const sharedSchema = s.object(shared);

const result = s.object({
  position: place,
  token: tokenText,
  token_id: s.orNull(place),
  description: words,
  l2_norm: s.orNull(s.figure(0)),
  mse: s.orNull(s.figure(0)),
  cosine_similarity: s.orNull(cosine),
  ...shared,
});

export type ForeignLine = ReturnType<typeof parseForeign>;

/** Reads a result of Neuronpedia. A field that the result lacks comes from its answer, and is null if both lack it. */
export function parseForeign(value: unknown, at: string, answer: { line: Line; at: string } | null) {
  const own = s.read(result, value, at);
  const missing = SHARED.filter((key) => answer && !Object.hasOwn(own, key)).map((key) => [key, answer!.line[key]]);
  const { norm, modelId, layer_index, ...all } = {
    ...s.read(sharedSchema, Object.fromEntries(missing), answer?.at ?? at),
    ...own,
  };
  const kept = EXTRAS.flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]] as const]));
  // The order is part of the entries' ids.
  return {
    position: all.position,
    token: all.token,
    tokenId: all.token_id,
    description: all.description,
    norm: all.l2_norm,
    error: all.mse,
    cosine: all.cosine_similarity,
    variance: norm ?? null,
    model: modelId ?? null,
    layer: layer_index ?? null,
    extras: kept.length ? (Object.fromEntries(kept) as NonNullable<LogEntry['extras']>) : null,
  };
}

/** Turns results of one text into entries. Makes nothing up: the text around a token consists of its neighbours in the
 *  file. The same line always gets the same id, so that it is recognised when it comes again. */
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

/** The text around each position, joined from positions that follow one another. It may be only a part of the whole
 *  text, so it cannot be traced again. */
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
function hashOf(text: string): string {
  return [1, 2, 3, 4]
    .map((lane) => {
      let hash = mix(lane);
      for (let i = 0; i < text.length; i++) hash = mix(hash ^ text.charCodeAt(i)) + lane;
      return (hash >>> 0).toString(16).padStart(8, '0');
    })
    .join('');
}
