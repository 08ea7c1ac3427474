/** Near-duplicates among prompts: texts that share at least half of their pieces. */

const WORDS = 5;
const HAN = 8;
const SHARED = 0.5;
const TOKENS = /\p{Script=Han}|[^\s\p{Script=Han}]+/gu;

/** A text's pieces: its runs of 5 words, and of 8 Han characters; text without space between words has no words. A text
 *  with fewer is one piece of its kind. Case, width and the amount of white space do not count. */
export function piecesOf(text: string): Set<string> {
  const words: string[] = [];
  const han: string[] = [];
  for (const [token] of text.normalize('NFKC').toLowerCase().matchAll(TOKENS))
    (/^\p{Script=Han}/u.test(token) ? han : words).push(token);
  // Punctuation around Han characters is no word.
  const spoken = han.length > 0 ? words.filter((word) => /[^\p{P}]/u.test(word)) : words;
  return new Set([...runs(spoken, WORDS, ' '), ...runs(han, HAN, '')]);
}

function runs(of: readonly string[], length: number, between: string): string[] {
  if (of.length === 0) return [];
  const count = Math.max(1, of.length - length + 1);
  return Array.from({ length: count }, (_, i) => of.slice(i, i + length).join(between));
}

/** Whether two texts share at least half of the pieces of the shorter one: a text that holds another is its
 *  near-duplicate. */
export function near(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [fewer, more] = a.size <= b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const piece of fewer) if (more.has(piece)) shared++;
  return shared > 0 && shared >= SHARED * fewer.size;
}
