import type { SiteLabels } from '../../lens/api/feature';
import type { SiteInfo } from '../../lens/api/site';
import { denseFrom } from '../reading/select';
import { fitOf, isEmpty, parseQuery, type SearchQuery, startsWithTerms } from './query';

/** A site with the labels that name its features; without labels only ids are found. */
export interface SearchSite {
  site: Pick<SiteInfo, 'layer' | 'width' | 'k' | 'activation' | 'about' | 'density'>;
  labels: SiteLabels | null;
}

/** A text about a feature that is not its label: found like one. */
export interface Extra {
  layer: number;
  id: number;
  text: string;
  kind: 'name' | 'note' | 'effect';
}

export interface Hit {
  layer: number;
  id: number;
  label: string | null;
  /** Of the label, on held-out text; null without one. */
  precision: number | null;
  /** Share of held-out tokens it is active on; null: not stored. */
  density: number | null;
  dense: boolean;
  /** A promoted token, and its place among them, from 1: the one that the query is or begins (`asked`), else the
   *  first. Null where none is known. */
  token: { text: string; rank: number; asked: boolean } | null;
  /** The text about it that has the words. */
  said: Extra | null;
}

export interface Found {
  query: SearchQuery;
  /** The best, as many as were asked for. */
  hits: Hit[];
  /** How many there are without the hidden ones. */
  total: number;
  /** How many dense ones are hidden. */
  hidden: number;
}

export interface SearchOptions {
  /** The site on show: its features come first where all else is equal. */
  here: number | null;
  dense: boolean;
  extra?: readonly Extra[];
  top?: number;
}

/** The share of held-out tokens that the card shows: from the feature data, which cover more text, else from the
 *  dictionary's statistics. */
const densityOf = ({ site, labels }: SearchSite, id: number): number | null =>
  // Labels from a file bring no densities: NaN.
  [labels?.density.heldOut[id], site.density?.[id]].find((density) => Number.isFinite(density)) ?? null;

/** How well a feature answers; the smallest is best. Within a kind the precision decides; among tokens the rank comes
 *  first. */
const KIND = {
  id: 0,
  startWords: 1,
  start: 2,
  words: 3,
  begins: 4,
  token: 5,
  tokenFolded: 6,
  tokenBegins: 7,
  inside: 8,
  script: 9,
  none: 99,
} as const;

/** The features that answer a line of search, best first: by id; by label or other text (all words must occur; at the
 *  start, as words, as beginnings of words, inside of them); by a promoted token. A Han character also finds features
 *  labelled `Han`. An empty line finds features with a measured effect or notes, and the labels of this site that fit
 *  best. */
export function search(
  sites: readonly SearchSite[],
  typed: string,
  { here, dense, extra = [], top = 50 }: SearchOptions,
): Found {
  const query = parseQuery(typed);
  const best = new Best(top, here);
  const found: Found = { query, hits: [], total: 0, hidden: 0 };
  for (const at of sites) {
    const { site, labels } = at;
    if (query.layer !== null && query.layer !== site.layer) continue;
    const from = denseFrom(site);
    const said = extra.filter(({ layer, id }) => layer === site.layer && id < site.width);
    const rate = isEmpty(query) ? browser(labels, said, site.layer === here) : rater(query, labels, said);
    for (let id = 0; id < site.width; id++) {
      const rated = rate(id);
      if (rated >= KIND.none) continue;
      const density = densityOf(at, id);
      // A feature that is asked for by id is never hidden.
      if (!dense && density !== null && density > from && rated >= KIND.startWords) {
        found.hidden++;
        continue;
      }
      found.total++;
      const precision = rated === KIND.id ? 0 : (labels?.precision[id] ?? 0);
      best.offer(rated + 0.0099 * (1 - precision), site.layer, id);
    }
  }
  const byLayer = new Map(sites.map((at) => [at.site.layer, at]));
  found.hits = best.list.map(({ layer, id }) => hitOf(byLayer.get(layer)!, id, query, extra));
  return found;
}

/** How an answer's place is counted: kind + tokens' rank / 100, so that .0099 is left for the precision. */
type Rate = (id: number) => number;

function rater(query: SearchQuery, labels: SiteLabels | null, said: readonly Extra[]): Rate {
  const { id: asked, layer, terms } = query;
  const listed = asked === null && layer !== null && terms.length === 0;
  const texts = labels && terms.length ? namesOf(labels).labels : null;
  const tokens = labels && query.token !== '' ? tokenRates(labels, query.token) : null;
  const others = new Map<number, number>();
  for (const { id, text } of said)
    others.set(id, Math.min(others.get(id) ?? KIND.none, rateText(text.toLowerCase(), terms)));
  const han = /\p{Script=Han}/u.test(query.token);
  return (id) => {
    if (asked === id) return KIND.id;
    if (listed) return KIND.words;
    const text = texts?.[id] ?? '';
    const rated = Math.min(rateText(text, terms), others.get(id) ?? KIND.none, tokens?.[id] ?? KIND.none);
    return rated === KIND.none && han && fitOf(text, 'han') === 3 ? KIND.script : rated;
  };
}

function rateText(text: string, terms: readonly string[]): number {
  if (text === '' || terms.length === 0) return KIND.none;
  let fit = 3;
  for (const term of terms) {
    fit = Math.min(fit, fitOf(text, term));
    if (fit === 0) return KIND.none;
  }
  if (fit > 1 && startsWithTerms(text, terms)) return fit === 3 ? KIND.startWords : KIND.start;
  return [KIND.none, KIND.inside, KIND.begins, KIND.words][fit]!;
}

/** Ranks for an empty line: first the features with a measured effect or notes, then this site's labels, each once, by
 *  the harmonic mean of precision and recall. */
function browser(labels: SiteLabels | null, said: readonly Extra[], here: boolean): Rate {
  const known = new Set(said.map(({ id }) => id));
  const best = new Map<string, { id: number; f1: number }>();
  if (here && labels) {
    for (const [id, label] of labels.labels.entries()) {
      if (label === null) continue;
      const [p, r] = [labels.precision[id]!, labels.recall[id]!];
      const f1 = p + r > 0 ? (2 * p * r) / (p + r) : 0;
      if (f1 > (best.get(label)?.f1 ?? -1)) best.set(label, { id, f1 });
    }
  }
  return (id) => {
    if (known.has(id)) return KIND.startWords;
    const label = here && labels?.labels[id];
    const first = label ? best.get(label) : undefined;
    return first?.id === id ? KIND.words + 0.99 * (1 - first.f1) : KIND.none;
  };
}

function hitOf(at: SearchSite, id: number, query: SearchQuery, extra: readonly Extra[]): Hit {
  const { site, labels } = at;
  const { layer } = site;
  const density = densityOf(at, id);
  const label = labels?.labels[id] ?? null;
  const own = extra.filter((text) => text.layer === layer && text.id === id);
  const said = isEmpty(query) ? own : own.filter(({ text }) => rateText(text.toLowerCase(), query.terms) < KIND.none);
  return {
    layer,
    id,
    label,
    precision: label === null ? null : labels!.precision[id]!,
    density,
    dense: density !== null && density > denseFrom(site),
    token: labels && ((query.token !== '' && tokenOf(labels, id, query.token)) || firstOf(labels, id)),
    said: said[0] ?? null,
  };
}

interface Place {
  rated: number;
  layer: number;
  id: number;
}

/** Keeps the smallest `top` of what is offered, in order, so that a hundred thousand places are never sorted. */
class Best {
  readonly list: Place[] = [];

  constructor(
    private readonly top: number,
    private readonly here: number | null,
  ) {}

  offer(rated: number, layer: number, id: number): void {
    const { list, top } = this;
    const last = list[top - 1];
    if (last && rated > last.rated) return;
    const place = { rated, layer, id };
    let at = list.length;
    while (at > 0 && this.before(place, list[at - 1]!)) at--;
    list.splice(at, 0, place);
    if (list.length > top) list.pop();
  }

  private before(a: Place, b: Place): boolean {
    if (a.rated !== b.rated) return a.rated < b.rated;
    if (a.layer !== b.layer) return a.layer === this.here || (b.layer !== this.here && a.layer < b.layer);
    return a.id < b.id;
  }
}

/** The names that the search reads of a site, prepared once for each answer of the engine. */
interface Names {
  /** Lower case; empty: none. */
  labels: string[];
  /** Distinct promoted tokens by their folded text: binary search finds all that begin with something. */
  folded: string[];
  texts: string[];
  /** Token t is promoted at postings[begin[t]] to postings[begin[t + 1]]: feature * per + rank from 0. */
  begin: Uint32Array;
  postings: Uint32Array;
  per: number;
}

const prepared = new WeakMap<SiteLabels, Names>();

function namesOf(labels: SiteLabels): Names {
  let names = prepared.get(labels);
  if (!names) {
    names = prepare(labels);
    prepared.set(labels, names);
  }
  return names;
}

function prepare({ labels, promoted }: SiteLabels): Names {
  const { per, ids } = promoted;
  const distinct = [...new Set(ids)]
    .map((id) => ({ id, text: promoted.tokens[id] ?? '' }))
    .filter(({ text }) => text !== '');
  const known = distinct
    .map(({ id, text }) => ({ id, text, fold: fold(text) }))
    .sort((a, b) => (a.fold < b.fold ? -1 : a.fold > b.fold ? 1 : a.id - b.id));
  const place = new Map(known.map(({ id }, i) => [id, i]));
  const begin = new Uint32Array(known.length + 1);
  for (const id of ids) {
    const at = place.get(id);
    if (at !== undefined) begin[at + 1]!++;
  }
  for (let i = 0; i < known.length; i++) begin[i + 1]! += begin[i]!;
  const next = begin.slice();
  const postings = new Uint32Array(begin.at(-1)!);
  for (let i = 0; i < ids.length; i++) {
    const at = place.get(ids[i]!);
    if (at !== undefined) postings[next[at]!++] = i;
  }
  return {
    labels: labels.map((label) => label?.toLowerCase() ?? ''),
    folded: known.map((t) => t.fold),
    texts: known.map((t) => t.text),
    begin,
    postings,
    per,
  };
}

/** Ignores case and the spaces around a token, unless the token is only spaces. */
const fold = (text: string): string => text.trim().toLowerCase() || text;

/** The places of the tokens that begin with the text: from, to. */
function tokensFrom({ folded }: Names, text: string): [number, number] {
  const wanted = fold(text);
  const bound = (below: (token: string) => boolean) => {
    let [low, high] = [0, folded.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (below(folded[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return [bound((token) => token < wanted), bound((token) => token < wanted || token.startsWith(wanted))];
}

const tokenKind = (names: Names, at: number, text: string): number =>
  names.texts[at] === text ? KIND.token : names.folded[at] === fold(text) ? KIND.tokenFolded : KIND.tokenBegins;

/** Per feature how well its promoted tokens answer, [width]. */
function tokenRates(labels: SiteLabels, text: string): Float32Array | null {
  const names = namesOf(labels);
  const [from, to] = tokensFrom(names, text);
  if (from === to) return null;
  const rates = new Float32Array(labels.labels.length).fill(KIND.none);
  for (let at = from; at < to; at++) {
    const kind = tokenKind(names, at, text);
    for (let i = names.begin[at]!; i < names.begin[at + 1]!; i++) {
      const feature = Math.floor(names.postings[i]! / names.per);
      const rated = kind + Math.min(98, names.postings[i]! % names.per) / 100;
      if (rated < rates[feature]!) rates[feature] = rated;
    }
  }
  return rates;
}

/** The promoted token of a feature that answers best. */
function tokenOf(labels: SiteLabels, id: number, text: string): Hit['token'] {
  const { per, ids, tokens } = labels.promoted;
  const wanted = fold(text);
  let best: { kind: number; rank: number; text: string } | null = null;
  for (let rank = 0; rank < per; rank++) {
    const token = tokens[ids[id * per + rank]!] ?? '';
    if (token === '' || !fold(token).startsWith(wanted)) continue;
    const kind = token === text ? 0 : fold(token) === wanted ? 1 : 2;
    if (!best || kind < best.kind) best = { kind, rank: rank + 1, text: token };
  }
  return best && { text: best.text, rank: best.rank, asked: true };
}

function firstOf({ promoted: { per, ids, tokens } }: SiteLabels, id: number): Hit['token'] {
  const text = per > 0 ? (tokens[ids[id * per]!] ?? '') : '';
  return text === '' ? null : { text, rank: 1, asked: false };
}
