import { Tokenizer } from '../engine/tokenizer';

/** A byte-level tokenizer in which each byte is a token, but for what is given: `special` and `added` tokens behind the
 *  256 bytes, and `merges` of two bytes each, such as `['Ġ', 'a']`. */
export function toyTokenizer({
  template,
  file = null,
  special = ['<|im_start|>', '<|im_end|>'],
  added = ['<think>', '</think>'],
  merges = [],
  settings = {},
}: {
  /** tokenizer_config.json's `chat_template`. */
  template?: unknown;
  /** Text of chat_template.jinja. */
  file?: string | null;
  special?: string[];
  added?: string[];
  merges?: [string, string][];
  settings?: Record<string, unknown>;
}): Tokenizer {
  const bytes = byteCharacters();
  const pieces = [...bytes, ...merges.map(([a, b]) => a + b)];
  const more = [
    ...special.map((content) => ({ content, special: true })),
    ...added.map((content) => ({ content, special: false })),
  ];
  const ends = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
  return new Tokenizer(
    {
      version: '1.0',
      added_tokens: more.map((token, index) => ({
        ...token,
        id: pieces.length + index,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
      })),
      normalizer: { type: 'NFC' },
      pre_tokenizer: ends,
      post_processor: ends,
      decoder: ends,
      model: { type: 'BPE', vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])), merges },
    },
    {
      tokenizer_class: 'Qwen2Tokenizer',
      bos_token: null,
      eos_token: '<|im_end|>',
      ...settings,
      chat_template: template,
    },
    file,
  );
}

/** GPT-2's printable character for each byte. */
function byteCharacters(): string[] {
  const printable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, b) => String.fromCharCode(printable(b) ? b : next++));
}
