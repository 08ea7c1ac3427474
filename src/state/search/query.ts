import { ofResidual } from '../base/source-name';

/** A parsed line of search. */
export interface SearchQuery {
  /** As typed, with drawn signs (␣ ↵ ⇥) as the signs they stand for: what a token's text is compared with. */
  token: string;
  /** Only this site; null: all. */
  layer: number | null;
  /** The feature of that id, or of that id at every site; null: none is named. */
  id: number | null;
  /** Lower-case words that must all occur in a label. */
  terms: string[];
}

/** Limits on what is read: no label is longer, and a pasted page must not hold up the typing. */
const LONGEST = 200;
const MOST_TERMS = 8;

/** A feature by both numbers, in the forms that the card copies and others that are in use. */
const PAIRS = [
  /^(\d{1,4})\s*[:#]\s*(\d{1,9})$/, // 2:17
  /^(?:layer|site|l)\s*(\d{1,4})(?:\s*[:,#]\s*|\s+)#?(\d{1,9})$/, // L2 #17, layer 2, 17
];
/** model@2-res-2k:17 */
const SOURCE = /^(?:\S+[@/])?((\d{1,4})-[\w-]+)[:/](\d{1,9})$/;
const ID = /^[#f]\s*(\d{1,9})$/;
const NUMBER = /^\d{1,9}$/;
const SITES = [/^blocks\.(\d{1,4})\.hook_resid_post$/, /^resid_post\.(\d{1,4})$/];
const HIDDEN = /^hidden_states\[(\d{1,4})\]$/;
/** `layer 2`, and what else is asked of it. */
const AT_SITE = /^(?:layer|site|l)\s*(\d{1,4})(?:[\s:,]+(.*))?$/i;

/** Reads a line of search. Never throws: a line that names no id is taken as words. */
export function parseQuery(typed: string): SearchQuery {
  const cut = typed.slice(0, LONGEST).normalize('NFC');
  const line = cut.trim().toLowerCase();
  const query = (patch: Partial<SearchQuery>): SearchQuery => ({
    token: tokenOf(cut),
    layer: null,
    id: null,
    terms: [],
    ...patch,
  });
  const pair = PAIRS.map((form) => form.exec(line)).find((match) => match);
  if (pair) return query({ token: '', layer: Number(pair[1]), id: Number(pair[2]) });
  const [, source, layer, feature] = SOURCE.exec(line) ?? [];
  // A feature of an MLP or of attention is none of the dictionary that is open.
  if (source && ofResidual(source)) return query({ token: '', layer: Number(layer), id: Number(feature) });
  const id = ID.exec(line);
  if (id) return query({ token: '', id: Number(id[1]) });
  if (NUMBER.test(line)) return query({ id: Number(line), terms: termsOf(line) });
  const site = SITES.map((form) => form.exec(line)).find((match) => match);
  if (site) return query({ token: '', layer: Number(site[1]) });
  const hidden = HIDDEN.exec(line);
  if (hidden) return query({ token: '', layer: Number(hidden[1]) - 1 });
  const at = AT_SITE.exec(cut.trim());
  if (at) return query({ token: tokenOf(at[2] ?? ''), layer: Number(at[1]), terms: termsOf(at[2] ?? '') });
  return query({ terms: termsOf(line) });
}

/** Whether nothing is asked. */
export const isEmpty = ({ layer, id, terms }: SearchQuery): boolean =>
  layer === null && id === null && terms.length === 0;

const SIGNS: Record<string, string> = { '␣': ' ', '↵': '\n', '⇥': '\t' };
const tokenOf = (text: string): string => text.replace(/[␣↵⇥]/g, (sign) => SIGNS[sign]!);

/** Words without the quotes that labels put around tokens. */
function termsOf(line: string): string[] {
  const words = line
    .toLowerCase()
    .split(/\s+/)
    .map((word) => word.replace(/^[“”"]+|[“”",]+$/g, '') || word);
  return [...new Set(words.filter((word) => word !== ''))].slice(0, MOST_TERMS);
}

/** A word's fit: 3 it stands in the text as a word, 2 a word begins with it, 1 it occurs, 0 it does not. Both in lower
 *  case. A Han character is a word. */
export function fitOf(text: string, term: string): 0 | 1 | 2 | 3 {
  let best: 0 | 1 | 2 | 3 = 0;
  for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + 1)) {
    const begins = !(isLetter(text.charCodeAt(at - 1)) && isLetter(term.charCodeAt(0)));
    const end = at + term.length;
    const ends = !(isLetter(text.charCodeAt(end - 1)) && isLetter(text.charCodeAt(end)));
    const fit = begins ? (ends ? 3 : 2) : 1;
    if (fit === 3) return 3;
    if (fit > best) best = fit;
  }
  return best;
}

/** Whether a character joins with its neighbours into a word: a letter or a digit, but no Han character. NaN (outside
 *  of the text) does not. */
function isLetter(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90);
  return code >= 0xc0 && code < 0x2000; // alphabets; punctuation, signs, kana and Han lie above
}

/** Whether the text, after quotes and other signs, begins with the words in this order. */
export function startsWithTerms(text: string, terms: readonly string[]): boolean {
  let at = 0;
  while (at < text.length && text.charCodeAt(at) !== terms[0]!.charCodeAt(0) && isSign(text.charCodeAt(at))) at++;
  for (const term of terms) {
    if (!text.startsWith(term, at)) return false;
    at += term.length + 1;
  }
  return true;
}

/** No letter, digit or Han character. */
const isSign = (code: number): boolean => !isLetter(code) && code < 0x2e80;
