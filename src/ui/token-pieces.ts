export interface Piece {
  kind: 'text' | 'space' | 'newline' | 'tab' | 'blank' | 'control';
  text: string;
}

/** One sign, or a run of signs with ink. A spacing mark has ink of its own. */
const PIECE =
  /(?<newline>\n)|(?<tab>\t)|(?<space> )|(?<blank>[\p{Zs}\u2800])|(?<join>\u200c|\u200d|[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]|(?!\p{DI})[\p{Mn}\p{Me}])|(?<control>[\p{C}\p{Zl}\p{Zp}\p{DI}])|[^\p{Z}\p{C}\p{DI}\p{Mn}\p{Me}\u2800]+/gu;
const JOINER = /(?:\u200c|\u200d)$/;
const SELECTOR = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]$/u;

/** Whether a mark, joiner or selector belongs to the sign before it. Where they follow each other as no writing has
 *  them, they hide something; a joiner at a token's end joins what is in the next one. */
function joins(sign: string, before: string, last: boolean): boolean {
  if (JOINER.test(sign)) return !last && !JOINER.test(before);
  return !SELECTOR.test(sign) || !(SELECTOR.test(before) || JOINER.test(before));
}

/** A token's text cut where a mark is drawn instead of a sign that cannot be seen. The pieces joined are the text. A
 *  `blank` has width and no ink, as the no-break space. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const { 0: part, index, groups } of text.matchAll(PIECE)) {
    const before = pieces.at(-1);
    const { join, ...others } = groups as Partial<Record<Piece['kind'] | 'join', string>>;
    const alone = join && !(before?.kind === 'text' && joins(join, before.text, index + join.length === text.length));
    const known = (Object.keys(others) as Piece['kind'][]).find((kind) => others[kind] !== undefined);
    const kind = alone ? 'control' : (known ?? 'text');
    if (kind === 'text' && before?.kind === 'text') before.text += part;
    else pieces.push({ kind, text: part });
  }
  return pieces;
}

/** U+00A0: how Unicode numbers a sign. */
export const codeOf = (sign: string): string => `U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;

const NAMES: Record<string, string> = {
  '\u0000': 'null',
  '\u000b': 'line tabulation',
  '\u000c': 'form feed',
  '\r': 'carriage return',
  '\u00a0': 'no-break space',
  '\u00ad': 'soft hyphen',
  '\u2002': 'en space',
  '\u2003': 'em space',
  '\u2009': 'thin space',
  '\u200b': 'zero-width space',
  '\u200c': 'zero-width non-joiner',
  '\u200d': 'zero-width joiner',
  '\u200e': 'left-to-right mark',
  '\u200f': 'right-to-left mark',
  '\u2028': 'line separator',
  '\u2029': 'paragraph separator',
  '\u202d': 'left-to-right override',
  '\u202e': 'right-to-left override',
  '\u202f': 'narrow no-break space',
  '\u2060': 'word joiner',
  '\u3000': 'ideographic space',
  '\ufe0e': 'text variation selector',
  '\ufe0f': 'emoji variation selector',
  '\ufeff': 'byte order mark',
  '\ufffd': 'replacement character',
};

/** What kind of sign it is, where it has no name here. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [SELECTOR, 'variation selector'],
  [/\p{M}/u, 'combining mark'],
  [/\p{Zs}|\u2800/u, 'space'],
  [/\p{Cs}/u, 'half a character'],
  [/[\u{e0000}-\u{e007f}]/u, 'tag'],
  [/[\u061c\u202a-\u202e\u2066-\u2069]/u, 'control of direction'],
  [/\p{L}/u, 'filler'],
  [/\p{Co}/u, 'private character'],
  [/\p{Cn}/u, 'no character'],
];

/** "no-break space (U+00A0)". */
const nameOf = (sign: string): string =>
  `${NAMES[sign] ?? KINDS.find(([is]) => is.test(sign))?.[1] ?? 'control'} (${codeOf(sign)})`;

const DRAWN: Partial<Record<Piece['kind'], string>> = { newline: '↵', tab: '⇥' };

/** The token in words, for a screen reader and for read-outs. Spaces around what can be seen are left out. */
export function spoken(text: string): string {
  if (text === '') return 'empty';
  if (text === '\ufffd') return nameOf(text);
  const pieces = piecesOf(text);
  if (pieces.every(({ kind }) => kind !== 'text')) {
    return pieces.reduce((said, { kind, text: sign }) => {
      const word = DRAWN[kind] ?? (kind === 'space' ? 'space' : nameOf(sign));
      // Line ends and tabs are signs, the rest are words.
      return said && !(DRAWN[kind] && /[↵⇥]$/.test(said)) ? `${said} ${word}` : said + word;
    }, '');
  }
  return pieces
    .map(({ kind, text: sign }) => DRAWN[kind] ?? (kind === 'blank' || kind === 'control' ? `[${codeOf(sign)}]` : sign))
    .join('')
    .trim();
}
