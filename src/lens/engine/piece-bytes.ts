/** The space of tokenizers that fall back to bytes. */
const SPACE = '\u2581';
/** Their token for one byte. */
const BYTE = /^<0x([0-9A-F]{2})>$/;

/** What tokenizer.json says of its pieces; everything else of it is the tokenizer library's. */
interface Pieces {
  decoder?: unknown;
}

type ToBytes = (written: string) => Uint8Array;

/** How a tokenizer's pieces, and the tokens added to them, spell bytes. Byte-level BPE (Qwen, Llama 3, SmolLM2) writes
 *  each byte as a printable character, and added tokens as they are. Where the decoder falls back to bytes (Gemma),
 *  either is text in which a space is U+2581, and a character that no piece has is a token for each of its bytes. */
export function pieceBytes({ decoder }: Pieces): { piece: ToBytes; added: ToBytes } {
  const utf8 = new TextEncoder();
  if (fallsBack(decoder)) {
    const bytes = (written: string) => {
      const byte = BYTE.exec(written);
      return byte ? Uint8Array.of(Number.parseInt(byte[1]!, 16)) : utf8.encode(written.replaceAll(SPACE, ' '));
    };
    return { piece: bytes, added: bytes };
  }
  const alphabet = byteAlphabet();
  return {
    piece: (piece) => Uint8Array.from(Array.from(piece), (c) => alphabet.get(c) ?? 0x3f),
    added: (content) => utf8.encode(content),
  };
}

function fallsBack(decoder: unknown): boolean {
  const { type, decoders } = (decoder ?? {}) as { type?: unknown; decoders?: unknown };
  return type === 'ByteFallback' || (type === 'Sequence' && Array.isArray(decoders) && decoders.some(fallsBack));
}

/** GPT-2's byte alphabet: each byte as a printable character. Printable Latin-1 stands for itself, the rest follow from
 *  U+0100 on. */
function byteAlphabet(): Map<string, number> {
  const map = new Map<string, number>();
  let next = 256;
  for (let b = 0; b < 256; b++) {
    const printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
    map.set(String.fromCharCode(printable ? b : next++), b);
  }
  return map;
}
