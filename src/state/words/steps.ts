import type { VerbalizeStep } from '../../lens/api/verbalizer';
import type { Reading } from '../reading/trace';
import { isToken, tokenTarget, type VerbalEntry, type VerbalRecord, type VerbalSample } from './record';

/** One token more of a sample. */
export function take(sample: VerbalSample, { text, relevancy, done }: VerbalizeStep): void {
  if (relevancy !== null)
    sample.pieces = [...(sample.pieces ?? []), { text: text.slice(sample.text.length), relevancy }];
  sample.text = text;
  sample.done = done;
}

/** Whether an entry's words are those that a new run would write here: same source, site, options and number of
 *  samples. */
export function sameWords(entry: VerbalEntry | undefined, record: VerbalRecord): boolean {
  if (entry?.state !== 'done' || entry.foreign || entry.recorded) return false;
  const what = ({ source, layer, samples, options }: VerbalRecord) =>
    JSON.stringify([source, layer, samples.length, options]);
  return what(entry.record) === what(record);
}

/** How many chips two readings begin with alike. */
export function sharedChips(a: Reading, b: Reading): number {
  let n = 0;
  while (n < a.chips.length && a.chips[n]!.text === b.chips[n]?.text && a.chips[n]!.to === b.chips[n]!.to) n++;
  return n;
}

/** The entries that another reading keeps: those of the tokens that both texts begin with, since no later token is in
 *  their vectors, and those of decoder rows. */
export function carried(
  entries: ReadonlyMap<string, VerbalEntry>,
  reading: Reading | null,
  before: Reading | null,
): Map<string, VerbalEntry> {
  const equal = reading && before ? sharedChips(reading, before) : 0;
  const last = equal ? reading!.chips[equal - 1]!.to : -1;
  const kept = [...entries].flatMap(([key, entry]): [string, VerbalEntry][] => {
    const { target, layer } = entry.record;
    if (!isToken(target)) return [[key, entry]];
    if (!reading || target.position > last || (entry.state !== 'done' && entry.state !== 'stopped')) return [];
    if (reading.text === before?.text) return [[key, entry]];
    const moved = { ...tokenTarget(reading, layer ?? -1, target.position, target.tokenId), norm: target.norm };
    return [[key, { ...entry, record: { ...entry.record, target: moved } }]];
  });
  return new Map(kept);
}

/** Draws at most once in `ms`, and at most `ms` after it was asked to, so that the last state before a pause is drawn
 *  too. */
export function paced(draw: () => void, ms: number): { ask: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = Number.NEGATIVE_INFINITY;
  const now = () => {
    timer = undefined;
    last = performance.now();
    draw();
  };
  return {
    ask: () => {
      if (timer !== undefined) return;
      const wait = last + ms - performance.now();
      if (wait <= 0) now();
      else timer = setTimeout(now, wait);
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
