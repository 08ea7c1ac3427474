/** An explanation taken apart: its levels, their sentences, and what is left of it without one of them. Places are
 *  offsets into the whole text. */

interface Claim {
  /** The sentence as it stands. */
  text: string;
  from: number;
  /** Behind its last character. */
  to: number;
  /** Index of its paragraph. */
  level: number;
}

export interface Level {
  /** Text, Phrase or Token; null where the explanation does not have three paragraphs, and nothing says what each is
   *  about. */
  title: string | null;
  claims: Claim[];
}

export const TITLES = ['Text', 'Phrase', 'Token'] as const;
const PARAGRAPH = /[^\n]+(?:\n(?![^\S\n]*\n)[^\n]+)*/g;
const PAIRS: Record<string, string> = { '“': '”', '"': '"', '「': '」', '『': '』', '«': '»' };
/** Ends a sentence by itself; the others need white space behind them. */
const FULL = '。！？';
const HALF = '.!?';

/** Where quotes stand, from the opening mark to behind the closing one. A quote must close within its paragraph. */
export function quoteSpans(text: string): { from: number; to: number }[] {
  const spans: { from: number; to: number }[] = [];
  for (let i = 0; i < text.length; i++) {
    const closes = PAIRS[text[i]!];
    if (!closes) continue;
    const end = text.indexOf(closes, i + 1);
    const paragraph = text.slice(i).search(/\n[^\S\n]*\n/);
    if (end < 0 || (paragraph >= 0 && end > i + paragraph)) continue;
    spans.push({ from: i, to: end + 1 });
    i = end;
  }
  return spans;
}

/** Paragraphs, divided by blank lines, and their sentences. A full stop inside of a quote ends no sentence. */
export function levelsOf(text: string): Level[] {
  const quotes = quoteSpans(text);
  const levels = [...text.matchAll(PARAGRAPH)].filter(([paragraph]) => paragraph.trim() !== '');
  return levels.map((match, level) => ({
    title: levels.length === TITLES.length ? TITLES[level]! : null,
    claims: sentences(text, match.index, match.index + match[0].length, quotes).map(({ from, to }) => ({
      text: text.slice(from, to),
      from,
      to,
      level,
    })),
  }));
}

export const claimsOf = (text: string): Claim[] => levelsOf(text).flatMap(({ claims }) => claims);

function sentences(
  text: string,
  begin: number,
  end: number,
  quotes: readonly { from: number; to: number }[],
): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  let from = begin;
  const take = (to: number) => {
    const piece = text.slice(from, to);
    const lead = piece.length - piece.trimStart().length;
    if (piece.trim() !== '') found.push({ from: from + lead, to: from + piece.trimEnd().length });
    from = to;
  };
  for (let i = begin; i < end; i++) {
    const quote = quotes.find((q) => q.from === i);
    if (quote) {
      i = quote.to - 1;
      continue;
    }
    const sign = text[i]!;
    if (FULL.includes(sign)) take(i + 1);
    // A small letter goes on with the sentence: "e.g. a".
    else if (HALF.includes(sign) && /^(?:\s+(?![a-z])|$)/.test(text.slice(i + 1, end))) take(i + 1);
  }
  take(end);
  return found;
}

/** The text without the claims that `leaveOut` selects. A paragraph that loses all its claims goes with its blank line;
 *  the others keep their form. */
export function withoutClaims(text: string, leaveOut: (claim: Claim) => boolean): string {
  const levels = levelsOf(text);
  if (!levels.some(({ claims }) => claims.some(leaveOut))) return text;
  return levels
    .map(({ claims }) =>
      claims
        .map((claim, i) => (leaveOut(claim) ? '' : text.slice(claim.from, claims[i + 1]?.from ?? claim.to)))
        .join('')
        .trim(),
    )
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
}

/** The text without each of its claims in turn, in their order. */
export const withoutEach = (text: string): string[] =>
  claimsOf(text).map((_, i, all) => withoutClaims(text, (claim) => claim.from === all[i]!.from));
