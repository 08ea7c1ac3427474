import { type LogEntry, shownSample } from './record';

export const FORMAT = 'lenslet-verbalization-1';
export const FILE = 'lenslet-verbalizations.jsonl';
/** Five thousand rows of some kilobytes each; a text of 16,384 characters stands in every line of its tokens. */
export const MOST_BYTES = 128_000_000;

/** A line's own keys, whatever they hold. */
export type Line = Readonly<Record<string, unknown>>;

/** An entry as a line of JSON Lines: the fields of Neuronpedia's `results[]` for a position, and the whole entry under
 *  `lenslet`. The shown sample stands for all samples; a decoder row has no position. */
export function lineOf(entry: LogEntry): object {
  const { target, samples, extras } = entry;
  const { text, score } = samples[shownSample(entry)]!;
  const token = target.kind === 'token' ? target : null;
  return {
    position: token?.position ?? null,
    token: token?.token ?? null,
    token_id: token?.tokenId ?? null,
    description: text,
    l2_norm: token?.norm ?? null,
    mse: score?.error ?? null,
    cosine_similarity: score?.cosine ?? null,
    ...extras,
    lenslet: { format: FORMAT, ...entry },
  };
}

/** The entries as JSON Lines, in their order. */
export const writeLog = (entries: readonly LogEntry[]): string =>
  entries.map((entry) => `${JSON.stringify(lineOf(entry))}\n`).join('');
