import type { Chat } from '../../lens/api/chat';
import type { SiteCodes } from '../../lens/api/site';
import type { Score, ScoreControls, VerbalizerSource } from '../../lens/api/verbalizer';
import { charactersOf } from '../../lens/exchange/chat-fields';
import { placesOf } from '../reading/places';
import type { Reading } from '../reading/trace';

/** Characters of a text that are kept with a verbalization. Neuronpedia takes as many. */
export const MOST_TEXT = 16384;

/** Whose vector was put into words. */
export type VerbalTarget = TokenTarget | DecoderTarget;

/** A residual of a text. */
export interface TokenTarget {
  kind: 'token';
  /** Absolute position of the token, in the whole text. */
  position: number;
  tokenId: number | null;
  /** What the token alone decodes to. */
  token: string;
  /** The text it stands in, or a part around it where that is longer than MOST_TEXT; null: not known. */
  text: string | null;
  /** False: `text` is a part, and the trace cannot be made again from it. */
  whole: boolean;
  /** What the tokenizer puts before a text stood before it. Missing: it did not, as before it could. */
  bos?: boolean;
  /** The conversation that the template wrote `text` from, where it is one. */
  chat?: Chat;
  /** Where the token stands in `text`, from its first character to behind its last; null: not known. */
  span: readonly [from: number, to: number] | null;
  /** |h|; null: not known. */
  norm: number | null;
}

/** A row of W_dec, `layer:feature`. */
export interface DecoderTarget {
  kind: 'decoder';
  layer: number;
  feature: number;
}

export interface VerbalSample {
  text: string;
  /** Null: there is no reconstructor, or it has not answered. */
  score: Score | null;
  /** How it ended; null: cancelled, and the text is what there was of it. */
  done: 'stop' | 'length' | null;
  /** The model's own pieces of `text`, with SelfIE's relevancy; absent for a trained pair. */
  pieces?: readonly { text: string; relevancy: number }[];
}

interface VerbalOptions {
  seed: number | null;
  temperature: number | null;
  maxTokens: number | null;
}

/** One verbalization: one vector, all of its samples. Plain data: what the log keeps. Null always means "not known", as
 *  in a file from elsewhere. */
export interface VerbalRecord {
  /** Unique; made anew for each verbalization. */
  id: string;
  /** The same for all vectors that one press of Verbalize asked for. */
  run: string;
  /** Milliseconds since 1970. */
  when: number | null;
  model: string | null;
  sha256: string | null;
  source: VerbalizerSource | null;
  /** The site whose vector it is. */
  layer: number | null;
  target: VerbalTarget;
  /** In the order in which they were drawn; at least one. */
  samples: readonly VerbalSample[];
  controls: ScoreControls | null;
  /** V of the relative error, and whether the pair beats its control on held-out text. */
  variance: number | null;
  beatsControl: boolean | null;
  options: VerbalOptions;
}

/** Index of the sample that is shown first: the one with the best score, the first where none has one. */
export function bestSample(samples: readonly Pick<VerbalSample, 'score'>[]): number {
  let best = 0;
  for (const [i, { score }] of samples.entries())
    if (score && score.cosine > (samples[best]!.score?.cosine ?? Number.NEGATIVE_INFINITY)) best = i;
  return best;
}

/** The target of a reading's position, with as much of the text around it as is kept. */
export function tokenTarget(reading: Reading, layer: number, position: number, tokenId: number | null): TokenTarget {
  const norm = reading.sites[layer]?.norm[position] ?? null;
  const { chips, text, prompt, bos } = reading;
  // A template may leave out some of what was said.
  const long = typeof prompt === 'string' || text.length > MOST_TEXT || charactersOf(prompt) > MOST_TEXT;
  const chat = long ? {} : { chat: prompt };
  const at = chips.findIndex((chip) => chip.from <= position && position <= chip.to);
  const span = placesOf(text, chips)[at] ?? null;
  return {
    kind: 'token',
    position,
    tokenId,
    token: chips[at]?.text ?? '',
    ...cut(text, span),
    ...(bos && { bos }),
    ...chat,
    norm,
  };
}

function cut(text: string, span: readonly [number, number] | null): Pick<TokenTarget, 'text' | 'whole' | 'span'> {
  if (text.length <= MOST_TEXT) return { text, whole: true, span };
  if (!span) return { text: text.slice(0, MOST_TEXT), whole: false, span: null };
  const start = Math.max(0, Math.min(span[0] - MOST_TEXT / 2, text.length - MOST_TEXT));
  return { text: text.slice(start, start + MOST_TEXT), whole: false, span: [span[0] - start, span[1] - start] };
}

export const isToken = (target: VerbalTarget): target is TokenTarget => target.kind === 'token';

/** One name for each vector of the page. */
export const keyOf = (target: VerbalTarget): string =>
  isToken(target) ? `t:${target.position}` : `d:${target.layer}:${target.feature}`;

/** The scores of a text as a whole and without each of its claims. */
export interface ClaimScores {
  whole: Score;
  without: Score[];
}

/** What the reconstructor said about the first sample's own text. */
export interface RecordedAnswers {
  claims: ClaimScores;
  /** The codes of the text's vector, one row, at the token's norm. */
  features: SiteCodes;
}

export interface VerbalEntry {
  record: VerbalRecord;
  /** `stopped`: cancelled or failed before it had its score; what there is of it stays. */
  state: 'writing' | 'scoring' | 'done' | 'stopped';
  /** Shown again from the log, and not made by the open model's own weights as far as their hashes tell. */
  foreign?: boolean;
  /** Words of a recording, with its answers: made on another machine, and so marked until the reader verbalizes. */
  recorded?: RecordedAnswers;
}
