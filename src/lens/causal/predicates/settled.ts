/** Of a text that is still being written, the beginning that no further character can change. */

/** Starts with what may join the character before it: a mark, a vowel or final of Hangul, a vowel of Kirat Rai, and
 *  whatever decomposes into one of these. */
const JOINS = /^[\p{M}\u1160-\u11ff\ud7b0-\ud7ff\u{16d40}-\u{16d7f}]/u;

/** The text up to its last character that joins none before it (Unicode Standard Annex 15, section 9: text can be cut
 *  before such a character without a change of its normal form). That character is left out too: a mark may follow. */
export function settled(text: string): string {
  const characters = [...text];
  let at = characters.length - 1;
  while (at > 0 && JOINS.test(characters[at]!.normalize('NFKD'))) at--;
  return characters.slice(0, Math.max(at, 0)).join('');
}

/** For comparing without regard to case and width: NFKC, then lower case. A character at a time, since the lower case of
 *  a capital sigma depends on what follows; both small sigmas are one. */
export function folded(text: string): string {
  return Array.from(text.normalize('NFKC'), (character) => character.toLowerCase().replace('ς', 'σ')).join('');
}
