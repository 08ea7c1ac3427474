import { type Level, levelsOf, TITLES } from '../../state/words/claims';
import type { Quote } from '../../state/words/quotes';

/** A stretch of a sentence: plain, or a quote with its marks. */
interface Stretch {
  text: string;
  quote: Quote | null;
}

interface MarkedClaim {
  /** Its place in the explanation, by which it is known. */
  from: number;
  text: string;
  stretches: Stretch[];
  /** Samples that make it, of those there are; 1 where nothing is compared. */
  samples: number;
}

interface MarkedLevel {
  title: Level['title'];
  claims: MarkedClaim[];
}

/** The explanation as it is drawn: levels, sentences, and the quotes in them. `counts`: samples that make each claim,
 *  in the claims' order. While the text is written, its first three paragraphs count as the three levels, so that no
 *  heading appears in between later. */
export function markedLevels(
  text: string,
  quotes: readonly Quote[],
  counts: readonly number[],
  writing = false,
): MarkedLevel[] {
  let n = 0;
  return levelsOf(text).map(({ title, claims }, i, { length }) => ({
    title: writing && length <= TITLES.length ? TITLES[i]! : title,
    claims: claims.map(({ from, to, text: words }) => ({
      from,
      text: words,
      stretches: stretches(text, from, to, quotes),
      samples: counts[n++] ?? 1,
    })),
  }));
}

function stretches(text: string, from: number, to: number, quotes: readonly Quote[]): Stretch[] {
  const found: Stretch[] = [];
  let at = from;
  for (const quote of quotes.filter((q) => q.from > from && q.to < to)) {
    // The marks around a quote belong to it.
    if (quote.from - 1 > at) found.push({ text: text.slice(at, quote.from - 1), quote: null });
    found.push({ text: text.slice(quote.from - 1, quote.to + 1), quote });
    at = quote.to + 1;
  }
  if (at < to) found.push({ text: text.slice(at, to), quote: null });
  return found;
}

/** How many quotes are of which kind, in words. */
export function quotesSay(quotes: readonly Quote[]): string | null {
  if (!quotes.length) return null;
  const count = (kind: Quote['kind']) => quotes.filter((quote) => quote.kind === kind).length;
  const parts = [
    [count('verbatim'), 'in the text'],
    [count('ahead'), 'ahead of the token'],
    [count('predicted'), 'not'],
  ] as const;
  return `Quotes: ${parts
    .filter(([n]) => n > 0)
    .map(([n, kind]) => `${n} ${kind}`)
    .join(', ')}.`;
}
