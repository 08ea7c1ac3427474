import type { VerbalizerSource } from '../../lens/api/verbalizer';
import { modelName } from '../../lens/exchange/model-name';
import { count } from '../../lens/maths/figures';
import type { Merged } from '../../state/log/log';
import { type LogEntry, MOST_ENTRIES, timeOf } from '../../state/log/record';
import { type Facet, UNKNOWN } from '../../state/log/search';
import { type Confidence, confidenceTitle } from '../../state/words/confidence';
import { spoken } from '../../ui/token-pieces';

const SOURCES: Record<VerbalizerSource, string> = { nla: 'NLA', selfie: 'SelfIE', patchscopes: 'Patchscopes' };
export const sourceSays = (source: VerbalizerSource | null): string => (source ? SOURCES[source] : 'source not known');
export const siteSays = (layer: number | null): string => (layer === null ? 'layer not known' : `layer ${layer}`);

const rows = (n: number): string => `${count(n)} ${n === 1 ? 'row' : 'rows'}`;

/** In the reader's own time: "22 Nov 14:03"; `whole`: "22 Nov 2026 14:03:09". */
export function timeSays(time: number, whole = false): string {
  const more = whole ? ({ year: 'numeric', second: '2-digit' } as const) : {};
  return new Date(time)
    .toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', ...more })
    .replace(',', '');
}

/** Whose vector it is: “fire” at position 6, or decoder row 3:405. */
export function targetSays({ target }: Pick<LogEntry, 'target'>): string {
  return target.kind === 'token'
    ? `“${spoken(target.token)}” at position ${target.position}`
    : `decoder row ${target.layer}:${target.feature}`;
}

/** How many rows there are, and where. */
export function countsSay(all: number, found: number, storage: 'opening' | 'kept' | 'tab'): string {
  const held = found === all ? rows(all) : `${count(found)} of ${rows(all)}`;
  const where =
    storage === 'tab'
      ? 'Kept until this tab is closed: storage is closed here. Export keeps them.'
      : 'On this machine only, in this browser.';
  const full = all >= MOST_ENTRIES ? ' Full: for each new row the oldest that is not pinned goes.' : '';
  return `${held}. ${where}${full}`;
}

/** What an import did. */
export function mergedSays({ read, fresh, left }: Merged): string {
  const known = read - fresh;
  const parts = [
    `${count(fresh - left)} new`,
    known && `${count(known)} here already`,
    left && `${count(left)} left out, as the log holds ${count(MOST_ENTRIES)} rows`,
  ];
  return `${rows(read)} read: ${parts.filter(Boolean).join(', ')}.`;
}

export const removedSays = (n: number): string => `Deleted: ${rows(n)}.`;

interface Option {
  value: string;
  label: string;
}

export const anySays: Record<Facet, string> = {
  score: 'Any score',
  site: 'Any layer',
  source: 'Any source',
  model: 'Any model',
  run: 'Any run',
};
/** How many runs the filter lists, the latest ones. A run of one vector is not listed: it is its row. */
const MOST_RUNS = 100;
const ORDER: readonly string[] = ['high', 'medium', 'low', UNKNOWN];

/** The values that a filter can take, in order, with how many rows each would give; the one that is chosen is among
 *  them in any case. */
export function optionsOf(
  facet: Facet,
  entries: readonly LogEntry[],
  counts: ReadonlyMap<string, number>,
  chosen: string | null,
): Option[] {
  const label = (value: string, name: string) => ({ value, label: `${name} (${count(counts.get(value) ?? 0)})` });
  const values = [...new Set([...counts.keys(), ...(chosen === null ? [] : [chosen])])];
  switch (facet) {
    case 'score':
      return values
        .sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))
        .map((value) => label(value, value === UNKNOWN ? 'No score' : confidenceTitle[value as Confidence]));
    case 'site':
      return values
        .sort((a, b) => (a === UNKNOWN ? 1 : b === UNKNOWN ? -1 : Number(a) - Number(b)))
        .map((value) => label(value, siteSays(value === UNKNOWN ? null : Number(value))));
    case 'source':
      return values
        .sort()
        .map((value) => label(value, sourceSays(value === UNKNOWN ? null : (value as VerbalizerSource))));
    case 'model':
      return values.sort().map((value) => label(value, modelSays(value)));
    case 'run':
      return runsOf(entries, chosen).map(({ run, name }) => label(run, name));
  }
}

/** As the filter has it: name and hash, either of them not known. */
function modelSays(value: string): string {
  if (value === UNKNOWN) return 'model not known';
  const [, model = UNKNOWN, sha256 = UNKNOWN] = /^(.*) (\S+)$/s.exec(value) ?? [];
  return `${model === UNKNOWN ? 'name not known' : modelName(model)}${sha256 === UNKNOWN ? '' : `, ${sha256.slice(0, 8)}`}`;
}

/** Runs of more than one row, newest first. */
function runsOf(entries: readonly LogEntry[], chosen: string | null): { run: string; name: string }[] {
  const sizes = new Map<string, { size: number; first: LogEntry }>();
  for (const entry of entries) {
    const known = sizes.get(entry.run);
    sizes.set(entry.run, { size: (known?.size ?? 0) + 1, first: known?.first ?? entry });
  }
  const all = [...sizes].filter(([run, { size }]) => size > 1 || run === chosen);
  return all.slice(0, MOST_RUNS).map(([run, { first }]) => ({ run, name: runSays(first) }));
}

/** A run by the file that it came from, or by its time. */
export const runSays = (entry: LogEntry): string => entry.origin ?? timeSays(timeOf(entry), true);
