import { claimsOf, quoteSpans } from './claims';

/** Words that say nothing about what a claim is of. */
const FILL = new Set(
  'a an the of by to in on at is are be was it its this that there here and or may might will can with as for from now then so'.split(
    ' ',
  ),
);
/** Letters of a word that count: "multiplies" and "multiplied" are the same. */
const STEM = 5;
const ALIKE = 0.5;
/** Quotes of so many words say by themselves what a claim is of. */
const TELLING = 3;

interface Sense {
  /** Quotes and numbers: what two claims must agree on to the letter. */
  exact: string;
  telling: boolean;
  words: Set<string>;
}

function senseOf(claim: string): Sense {
  const spans = quoteSpans(claim);
  const quotes = spans.map(({ from, to }) =>
    claim
      .slice(from + 1, to - 1)
      .trim()
      .toLowerCase(),
  );
  const rest = spans
    .reduceRight((text, { from, to }) => `${text.slice(0, from)} ${text.slice(to)}`, claim)
    .toLowerCase();
  const numbers = rest.match(/\d+(?:[.,]\d+)*/g) ?? [];
  // Han has no spaces between its words: each character counts.
  const words = rest.match(/\p{Script=Han}|(?:(?!\p{Script=Han})\p{L})+/gu) ?? [];
  return {
    exact: [...quotes, ...numbers].sort().join('\n'),
    telling: quotes.some((quote) => quote.split(/\s+/).length >= TELLING),
    words: new Set(words.filter((word) => !FILL.has(word)).map((word) => word.slice(0, STEM))),
  };
}

function alike(a: Sense, b: Sense): boolean {
  if (a.exact !== b.exact) return false;
  if (a.telling) return true;
  const both = [...a.words].filter((word) => b.words.has(word)).length;
  const all = a.words.size + b.words.size - both;
  return all === 0 || both / all >= ALIKE;
}

/** For every claim of the `shown` sample, counts the samples that make it, its own included. Two claims agree if their
 *  quotes and numbers are the same to the letter, and at least half of their other words are (fill words and endings
 *  left out); long quotes suffice alone. Counts rather too few than too many: it misses a claim in wholly other
 *  words. */
export function recurrence(samples: readonly string[], shown: number): number[] {
  const senses = samples.map((text) => claimsOf(text).map((claim) => senseOf(claim.text)));
  return (senses[shown] ?? []).map(
    (sense) => senses.filter((others, i) => i === shown || others.some((other) => alike(sense, other))).length,
  );
}
