import type { InferOutput } from 'valibot';
import type { Score } from '../../lens/api/verbalizer';
import { bestSample, type VerbalRecord, type VerbalSample } from '../words/record';
import type { entry } from './format';

/** A verbalization as the log keeps it. */
export type LogEntry = InferOutput<typeof entry>;
type LogSample = LogEntry['samples'][number];
export type KnownScore = NonNullable<LogSample['score']>;

/** Rows that are kept. A verbalization is some kilobytes: its text is kept with it. */
export const MOST_ENTRIES = 5000;

const known = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);

/** The log entry of a verbalization. A number that is not finite counts as not known. */
export function entryOf(record: VerbalRecord, added: number): LogEntry {
  const samples = record.samples.map(({ score, ...sample }) => ({
    ...sample,
    score: score && {
      cosine: known(score.cosine),
      error: known(score.error),
      relative: known(score.relative),
      fve: known(score.fve),
    },
  }));
  const { target, controls } = record;
  return {
    ...record,
    // Controls are kept only if all their numbers are finite.
    controls: controls && numbersIn(controls).every(Number.isFinite) ? controls : null,
    target: target.kind === 'token' ? { ...target, norm: known(target.norm) } : target,
    samples,
    added,
    pinned: false,
    origin: null,
    extras: null,
  };
}

const numbersIn = (value: object): number[] =>
  Object.values(value).flatMap((part: unknown) =>
    typeof part === 'number' ? [part] : typeof part === 'object' && part ? numbersIn(part) : [],
  );

const whole = (score: KnownScore): score is Score => score.cosine !== null && score.error !== null;

/** An incomplete score counts as no score. */
const scored = ({ score, ...sample }: LogSample): VerbalSample => ({
  ...sample,
  score: score && whole(score) ? score : null,
});

/** The verbalization again. */
export function recordOf({
  added: _added,
  pinned: _pinned,
  origin: _origin,
  extras: _extras,
  samples,
  ...record
}: LogEntry): VerbalRecord {
  return { ...record, samples: samples.map(scored) };
}

/** Index of the sample that stands for all. */
export const shownSample = ({ samples }: Pick<LogEntry, 'samples'>): number => bestSample(samples.map(scored));

/** When a verbalization was made, or came here where that is not known. */
export const timeOf = ({ when, added }: Pick<LogEntry, 'when' | 'added'>): number => when ?? added;

const placeOf = ({ target }: Pick<LogEntry, 'target'>): number =>
  target.kind === 'token' ? target.position : target.layer * 1e7 + target.feature;

/** Newest first; entries of one moment by run, then by their place in the text. The order depends on the entries
 *  alone. */
export function newestFirst(a: LogEntry, b: LogEntry): number {
  return timeOf(b) - timeOf(a) || order(a.run, b.run) || placeOf(a) - placeOf(b) || order(a.id, b.id);
}
const order = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/** Keeps at most `most` entries, in order. The oldest entries that are not pinned go first; pinned ones go only if no
 *  others are left. */
export function withinRoom(sorted: readonly LogEntry[], most = MOST_ENTRIES): readonly LogEntry[] {
  let over = sorted.length - most;
  if (over <= 0) return sorted;
  const gone = new Set<LogEntry>();
  for (const pinned of [false, true]) {
    for (let i = sorted.length - 1; i >= 0 && over > 0; i--) {
      const entry = sorted[i]!;
      if (entry.pinned !== pinned) continue;
      gone.add(entry);
      over--;
    }
  }
  return sorted.filter((entry) => !gone.has(entry));
}

/** Moves a time in the future to now; otherwise it would come first for ever. */
export function notAhead(entry: LogEntry, now: number): LogEntry {
  const when = entry.when !== null && entry.when > now ? now : entry.when;
  const added = Math.min(entry.added, now);
  return when === entry.when && added === entry.added ? entry : { ...entry, when, added };
}

interface Around {
  before: string;
  token: string;
  after: string;
}

/** A token and its surroundings: `room` characters before it and half as many behind, cut between words where possible.
 *  The token alone if its place in the text is not known; null for a decoder row. */
export function aroundOf({ target }: Pick<LogEntry, 'target'>, room = 48): Around | null {
  if (target.kind !== 'token') return null;
  const { text, span, token } = target;
  if (text === null || !span) return { before: '', token, after: '' };
  const [from, to] = span;
  return {
    before: lastOf(text.slice(0, from), room),
    token: text.slice(from, to),
    after: firstOf(text.slice(to), room / 2),
  };
}

function lastOf(text: string, room: number): string {
  if (text.length <= room) return text;
  const part = halves(text.slice(-room), text.at(-room - 1));
  const space = part.search(/\s/u);
  return `…${space > 0 && space < room / 2 ? part.slice(space + 1) : part}`;
}

function firstOf(text: string, room: number): string {
  if (text.length <= room) return text;
  const part = text.slice(0, room);
  const space = part.search(/\s\S*$/u);
  const cut = space > room / 2 ? part.slice(0, space) : part;
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** Without the second half of a character whose first half was cut off. */
const halves = (part: string, before: string | undefined): string =>
  before && /[\uD800-\uDBFF]/.test(before) ? part.slice(1) : part;
