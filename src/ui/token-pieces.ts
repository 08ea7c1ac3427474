export interface Piece {
  kind: 'text' | 'space' | 'newline' | 'tab' | 'blank' | 'control';
  text: string;
}

const PIECE = /(\r?\n)|(\t)|( )|(\p{Zs})|(\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp})|([^\n\t\p{Z}\p{Cc}\p{Cf}]+)/gu;
/** Joiners and what changes the sign before it belong to the emoji and scripts around them; alone they cannot be
 *  seen. */
const JOINS = /^[\u200c\u200d]$/;
const UNSEEN = /^[\p{M}\u200c\u200d]+$/u;

/** A token's text cut where a mark is drawn instead of a sign that cannot be seen. The pieces joined are the text. A
 *  `blank` has width and no ink, as the no-break space. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const [part, newline, tab, space, blank, control] of text.matchAll(PIECE)) {
    const kind = newline
      ? 'newline'
      : tab
        ? 'tab'
        : space
          ? 'space'
          : blank
            ? 'blank'
            : control && !JOINS.test(control)
              ? 'control'
              : 'text';
    const last = pieces.at(-1);
    if (kind === 'text' && last?.kind === 'text') last.text += part;
    else pieces.push({ kind, text: part });
  }
  return pieces.flatMap((piece) =>
    piece.kind === 'text' && UNSEEN.test(piece.text)
      ? [...piece.text].map((sign): Piece => ({ kind: 'control', text: sign }))
      : [piece],
  );
}

/** U+00A0: how Unicode numbers a sign. */
export const codeOf = (sign: string): string => `U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;

const NAMES: Record<string, string> = {
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
  '\u202f': 'narrow no-break space',
  '\u2060': 'word joiner',
  '\u3000': 'ideographic space',
  '\ufe0e': 'text variation selector',
  '\ufe0f': 'emoji variation selector',
  '\ufeff': 'byte order mark',
};

/** "no-break space (U+00A0)". */
function nameOf(sign: string): string {
  const kind = /\p{M}/u.test(sign) ? 'combining mark' : /\p{Zs}/u.test(sign) ? 'space' : 'control';
  return `${NAMES[sign] ?? kind} (${codeOf(sign)})`;
}

const DRAWN: Partial<Record<Piece['kind'], string>> = { newline: '↵', tab: '⇥' };

/** The token in words, for a screen reader and for read-outs. Spaces around what can be seen are left out. */
export function spoken(text: string): string {
  if (text === '') return 'empty';
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
