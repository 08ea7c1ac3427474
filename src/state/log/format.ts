import * as v from 'valibot';
import { chatSchema } from '../../lens/exchange/chat-schema';
import * as s from '../../lens/exchange/schemas';
import { MOST_TEXT } from '../words/record';

const time = s.number(0, 8.64e15);
const id = s.text(200);

export const place = s.whole(0, 9_999_999);
export const tokenText = s.anyText(2000);
export const words = s.anyText(20_000);
/** Beyond 1 by no more than rounding. */
export const cosine = s.number(-1.001, 1.001);
/** The variance that errors are divided by. */
export const variance = s.number(1e-9, s.LARGE);

const relative = s.orNull(s.figure(0));
const fve = s.orNull(s.figure());
const score = s.object({ cosine, error: s.figure(0), relative, fve });
/** A score as far as it is known: a file from elsewhere may state a part of it. Null where nothing is known. */
const knownScore = v.pipe(
  s.object({ cosine: s.orNull(cosine), error: s.orNull(s.figure(0)), relative, fve }),
  v.transform((known) => (Object.values(known).every((value) => value === null) ? null : known)),
);

const controls = s.object({
  constant: s.orNull(score),
  empty: score,
  generic: score,
  shuffled: s.orNull(s.object({ n: s.whole(1, 1_000_000), cosine, fve, low: fve, high: fve })),
});

const sample = s.object({
  text: words,
  score: s.orNull(knownScore),
  done: s.orNull(s.oneOf(['stop', 'length'])),
  pieces: v.optional(v.pipe(s.list(s.object({ text: tokenText, relevancy: s.figure(0) }), 4000), v.readonly())),
});

const span = v.custom<readonly [from: number, to: number]>(
  (value) =>
    Array.isArray(value) &&
    value.length === 2 &&
    s.isWhole(value[0], 0, Number.MAX_SAFE_INTEGER) &&
    s.isWhole(value[1], value[0], Number.MAX_SAFE_INTEGER),
  'must be two places in the text',
);

const target = s.byKind({
  token: v.pipe(
    s.object({
      kind: v.literal('token'),
      position: place,
      tokenId: s.orNull(place),
      token: tokenText,
      text: s.orNull(s.anyText(MOST_TEXT)),
      whole: s.flagOrNot,
      // Older readers skip these, and show the text as it is.
      bos: v.optional(s.flag),
      chat: v.optional(chatSchema(MOST_TEXT)),
      span: s.orNull(span),
      norm: s.orNull(s.figure(0)),
    }),
    s.rule('whole', ({ whole, text }) => !whole || text !== null, 'must not be true without a text'),
    s.rule('span', ({ span, text }) => !span || span[1] <= (text?.length ?? -1), 'must be two places in the text'),
  ),
  decoder: s.object({ kind: v.literal('decoder'), layer: s.Layer, feature: s.Feature }),
});

/** Fields of a Neuronpedia result, or of its answer, that an entry has no place for. The log keeps them to write them
 *  again. */
export const EXTRAS = [
  'generated',
  'fragment_index',
  'fragment_count',
  'role',
  'section',
  'channel',
  'message_index',
  'prompt_length',
  'nlaSourceId',
] as const;

const extra = v.optional(
  v.custom<string | number | boolean>(
    (value) => typeof value === 'boolean' || s.isFigure(value) || (typeof value === 'string' && value.length <= 200),
    'must be a short text, a number, or true or false',
  ),
);
export const extras = Object.fromEntries(EXTRAS.map((key) => [key, extra])) as Record<
  (typeof EXTRAS)[number],
  typeof extra
>;

/** A verbalization as the log keeps it. */
export const entry = s.object({
  id,
  run: id,
  when: s.orNull(time),
  model: s.orNull(s.ModelName),
  sha256: s.orNull(s.Sha256),
  source: s.orNull(s.oneOf(['nla', 'selfie', 'patchscopes'])),
  layer: s.orNull(s.Layer),
  target,
  samples: v.pipe(s.list(sample, 64), v.nonEmpty('must hold a sample'), v.readonly()),
  controls: s.orNull(controls),
  variance: s.orNull(variance),
  beatsControl: s.orNull(s.flag),
  options: v.optional(s.object({ seed: fve, temperature: fve, maxTokens: s.orNull(place) }), {}),
  /** When it came into a log: milliseconds since 1970. */
  added: time,
  /** Stays where the oldest have to go. */
  pinned: s.flagOrNot,
  /** The file that it came from, where it was not made by Lenslet. */
  origin: s.orNull(s.ModelName),
  extras: s.orNull(s.exact(extras)),
});

/** Reads an untrusted entry. Every refusal is a CorruptFileError that says what is wrong; a returned entry is complete
 *  and within all limits. */
export const parseEntry = (value: unknown, file: string) => s.read(entry, value, file);
