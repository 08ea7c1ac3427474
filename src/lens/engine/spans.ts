import type { ChatSpan } from '../api/chat';
import { concat } from './bytes';
import type { Piece } from './layout';

const NOWHERE: ChatSpan = { role: null, turn: null, section: 'template' };

/** The span of each token of a conversation. A token that reaches over the border between what was said and what the
 *  template wrote counts as said. If the tokens' bytes are not the text's, also not in the normal form that tokenizers
 *  write, no token has a place: it belongs to no turn, as the template's. */
export function spansOf(
  pieces: readonly Piece[],
  ids: readonly number[],
  tokenizer: { tokenBytes(id: number): Uint8Array },
): ChatSpan[] {
  const tokens = ids.map((id) => tokenizer.tokenBytes(id));
  const as = [(text: string) => text, (text: string) => text.normalize('NFC')];
  const lengths = as
    .map((form) => pieces.map(({ text }) => new TextEncoder().encode(form(text))))
    .find((parts) => sameBytes(parts, tokens))
    ?.map(({ length }) => length);
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

/** Whether two lists of byte strings are the same bytes, joined. */
function sameBytes(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  const [one, other] = [concat(a), concat(b)];
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
