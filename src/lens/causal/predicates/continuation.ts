/** What a predicate reads: the continuation alone, never the prompt. */
export interface Continuation {
  /** Decoded without special tokens and without an incomplete last character; U+FFFD within it stays; NFC. */
  text: string;
  /** Ids of the tokens, special ones left out. */
  tokens: readonly number[];
}

/** A generated token: its id and the bytes that it stands for. */
export interface Piece {
  id: number;
  bytes: Uint8Array;
  special: boolean;
}

/** The continuation that generated tokens make. A beginning of the tokens makes a beginning of the text, but for the
 *  characters that `settled` leaves out. */
export function continuationOf(pieces: readonly Piece[]): Continuation {
  const read = pieces.filter(({ special }) => !special);
  const bytes = new Uint8Array(read.reduce((sum, piece) => sum + piece.bytes.length, 0));
  let at = 0;
  for (const piece of read) {
    bytes.set(piece.bytes, at);
    at += piece.bytes.length;
  }
  const whole = bytes.subarray(0, bytes.length - cut(bytes));
  return {
    // A byte order mark is a character of the text.
    text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(whole).normalize('NFC'),
    tokens: read.map(({ id }) => id),
  };
}

/** How many bytes at the end begin a character of UTF-8 that is not whole (RFC 3629, section 4). */
function cut(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte >= 0x80 && byte < 0xc0) continue;
    const length = byte >= 0xf0 && byte <= 0xf4 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    return byte <= 0xf4 && length > back && begins(bytes.subarray(bytes.length - back)) ? back : 0;
  }
  return 0;
}

/** Whether some character of UTF-8 begins with these bytes: the second byte's range depends on the first. */
function begins([first = 0, second]: Uint8Array): boolean {
  if (second === undefined) return true;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high;
}
