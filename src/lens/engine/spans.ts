import type { ChatSpan } from '../api/chat';
import { concat } from './bytes';
import type { Piece } from './layout';

const NOWHERE: ChatSpan = { role: null, turn: null, section: 'template' };

/** The span of each token of a conversation. A token that reaches over the border between what was said and what the
 *  template wrote counts as said; so does a character that the normal form makes of both. If the tokens' bytes are not the text's, also not in the normal form that tokenizers
 *  write, no token has a place: it belongs to no turn, as the template's. */
export function spansOf(
  pieces: readonly Piece[],
  ids: readonly number[],
  tokenizer: { tokenBytes(id: number): Uint8Array },
): ChatSpan[] {
  const tokens = ids.map((id) => tokenizer.tokenBytes(id));
  const texts = pieces.map(({ text }) => text);
  const normal = (some: readonly string[]) => some.map((text) => text.normalize('NFC'));
  const lengths =
    lengthsOf(texts, tokens) ?? lengthsOf(normal(texts), tokens) ?? lengthsOf(normal(apart(pieces)), tokens);
  if (!lengths) return ids.map(() => NOWHERE);

  let [piece, end] = [0, lengths[0] ?? 0];
  let position = 0;
  return tokens.map(({ length }) => {
    while (piece < pieces.length - 1 && position >= end) end += lengths[++piece]!;
    position += length;
    let [own, reached] = [piece, end];
    // From the piece in which the token begins, on to the first that was said.
    while (pieces[own]!.span.section === 'template' && reached < position && own < pieces.length - 1)
      reached += lengths[++own]!;
    return pieces[pieces[own]!.span.section === 'template' ? piece : own]!.span;
  });
}

/** Characters on each side of a border that may compose. */
const NEAR = 32;

/** The pieces' texts, so divided that no character of one composes with one of the next: those that do go to what was
 *  said. */
function apart(pieces: readonly Piece[]): string[] {
  const texts = pieces.map(({ text }) => text);
  const isSaid = (piece: number) => pieces[piece]!.span.section !== 'template';
  for (let piece = 1; piece < texts.length; piece++) {
    const earlier = isSaid(piece - 1) && !isSaid(piece);
    let [one, other] = [texts[piece - 1]!, texts[piece]!];
    while (compose(one.slice(-NEAR), other.slice(0, NEAR))) {
      const both = one + other;
      const cut = earlier
        ? one.length + String.fromCodePoint(other.codePointAt(0)!).length
        : one.length - Array.from(one.slice(-2)).at(-1)!.length;
      [one, other] = [both.slice(0, cut), both.slice(cut)];
    }
    [texts[piece - 1], texts[piece]] = [one, other];
  }
  return texts;
}

const compose = (a: string, b: string): boolean => (a + b).normalize('NFC') !== a.normalize('NFC') + b.normalize('NFC');

/** The texts' lengths in bytes; null unless they are the tokens' bytes, joined. */
function lengthsOf(texts: readonly string[], tokens: readonly Uint8Array[]): number[] | null {
  const parts = texts.map((text) => new TextEncoder().encode(text));
  const [one, other] = [concat(parts), concat(tokens)];
  const same = one.length === other.length && one.every((byte, at) => byte === other[at]);
  return same ? parts.map(({ length }) => length) : null;
}
