import { type Confidence, confidenceOf } from '../words/confidence';
import { aroundOf, type LogEntry, shownSample } from './record';

/** What a filter can ask of an entry, in the order of the page. */
export const FACETS = ['score', 'site', 'source', 'model', 'run'] as const;
export type Facet = (typeof FACETS)[number];

/** The value that each filter asks for; null: any. */
export type Filters = Readonly<Record<Facet, string | null>>;
export const noFilters: Filters = { score: null, site: null, source: null, model: null, run: null };

/** What the reader searches the log for, and the row they look at. */
export interface Asked {
  typed: string;
  filters: Filters;
  /** Id of the chosen row; null: the first. */
  chosen: string | null;
}

/** Stands for what is not known. */
export const UNKNOWN = '?';

/** Includes the hash, since only the hash tells two models of one name apart. */
const modelKey = ({ model, sha256 }: LogEntry): string =>
  model === null && sha256 === null ? UNKNOWN : `${model ?? UNKNOWN} ${sha256 ?? UNKNOWN}`;

/** The confidence of the shown sample; null where it has no relative error. */
const scoreOf = (entry: LogEntry): Confidence | null => confidenceOf(entry.samples[shownSample(entry)]!.score);

/** One expression for each distinct word typed, to find and to mark by, whether letters and their marks are one sign
 *  or two; empty if nothing is typed. */
export function wordsOf(typed: string): readonly RegExp[] {
  const escaped = (word: string) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return [...new Set(typed.normalize('NFC').split(/\s+/u).filter(Boolean))].map((word) => {
    const forms = new Set([word.normalize('NFD'), word]);
    return new RegExp([...forms].map(escaped).join('|'), 'iu');
  });
}

/** The parts of an entry that the search reads at every keystroke. */
interface Indexed {
  /** The words of all samples, and what is shown of the text. */
  text: string;
  facets: Readonly<Record<Facet, string>>;
}

const index = new WeakMap<LogEntry, Indexed>();

function indexed(entry: LogEntry): Indexed {
  const known = index.get(entry);
  if (known) return known;
  const { target, samples, layer, source, run } = entry;
  const around = aroundOf(entry);
  const place = around
    ? `${around.before}${around.token}${around.after}`
    : target.kind === 'decoder'
      ? `${target.layer}:${target.feature}`
      : '';
  const text = `${place}\n${samples.map((sample) => sample.text).join('\n')}`;
  const site = layer === null ? UNKNOWN : String(layer);
  const made = {
    text,
    facets: { score: scoreOf(entry) ?? UNKNOWN, site, source: source ?? UNKNOWN, model: modelKey(entry), run },
  };
  index.set(entry, made);
  return made;
}

export interface FoundEntries {
  entries: readonly LogEntry[];
  /** How many there would be with each value of a filter, under the words and all other filters. */
  counts: Readonly<Record<Facet, ReadonlyMap<string, number>>>;
}

/** The entries that hold all words and pass all filters, in their order. */
export function searchLog(all: readonly LogEntry[], typed: string, filters: Filters): FoundEntries {
  const words = wordsOf(typed);
  const counts: Record<Facet, Map<string, number>> = {
    score: new Map(),
    site: new Map(),
    source: new Map(),
    model: new Map(),
    run: new Map(),
  };
  const entries: LogEntry[] = [];
  for (const entry of all) {
    const { text, facets } = indexed(entry);
    if (!words.every((word) => word.test(text))) continue;
    const failed = FACETS.filter((facet) => filters[facet] !== null && filters[facet] !== facets[facet]);
    if (!failed.length) entries.push(entry);
    for (const facet of FACETS) {
      // An entry that only this filter keeps out would be there with another value of it.
      if (failed.length > 1 || (failed.length === 1 && failed[0] !== facet)) continue;
      counts[facet].set(facets[facet], (counts[facet].get(facets[facet]) ?? 0) + 1);
    }
  }
  return { entries, counts };
}

interface Part {
  text: string;
  hit: boolean;
}

/** A text cut where the words are in it. The parts joined are the text. */
export function marked(text: string, words: readonly RegExp[]): Part[] {
  if (!words.length) return text === '' ? [] : [{ text, hit: false }];
  const any = new RegExp(`(${words.map(({ source }) => source).join('|')})`, 'iu');
  return text.split(any).flatMap((part, i) => (part === '' ? [] : [{ text: part, hit: i % 2 === 1 }]));
}

/** A sample's words from a little before the first match, if that lies beyond the first `room` characters; else from
 *  their beginning. */
export function excerptOf(text: string, words: readonly RegExp[], room = 120): string {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  const first = Math.min(...words.map((word) => line.search(word)).filter((at) => at >= 0));
  if (!Number.isFinite(first) || first < room) return line;
  const sentence = line.lastIndexOf('. ', first);
  const start = sentence >= 0 && first - sentence < room ? sentence + 2 : line.indexOf(' ', first - 40) + 1;
  return `…${line.slice(Math.min(start, first))}`;
}

/** The sample that a row shows: the one with most of the words; among equals the one that stands for all, else the
 *  first. */
export function foundSample(entry: LogEntry, words: readonly RegExp[]): number {
  const best = shownSample(entry);
  const hits = (i: number) => words.filter((word) => word.test(entry.samples[i]!.text)).length;
  let found = best;
  for (let i = 0; i < entry.samples.length; i++) if (hits(i) > hits(found)) found = i;
  return found;
}
