export interface Piece {
  kind: 'text' | 'space' | 'newline' | 'tab' | 'control';
  text: string;
}

const PIECE = /(\r?\n)|(\t)|( )|(\p{Cc}|\p{Cf})|([^\n\t \p{Cc}\p{Cf}]+)/gu;
/** Joiners belong to the emoji and scripts around them. */
const JOINER = /\u200c|\u200d|\ufe0f/;

/** A token's text cut where a mark is drawn instead of a sign that cannot be seen. The pieces joined are the text. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const [part, newline, tab, space, control] of text.matchAll(PIECE)) {
    const kind = newline
      ? 'newline'
      : tab
        ? 'tab'
        : space
          ? 'space'
          : control && !JOINER.test(control)
            ? 'control'
            : 'text';
    const last = pieces.at(-1);
    if (kind === 'text' && last?.kind === 'text') last.text += part;
    else pieces.push({ kind, text: part });
  }
  return pieces;
}

/** The token in words, for a screen reader and for read-outs. */
export function spoken(text: string): string {
  const marks = text.replaceAll('\n', '↵').replaceAll('\t', '⇥');
  return text.trim() === '' ? (text === '' ? 'empty' : marks.replaceAll(' ', 'space ').trim()) : marks.trim();
}
