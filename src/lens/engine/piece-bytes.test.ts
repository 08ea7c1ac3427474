import { expect, test } from 'vitest';
import { UnknownTokenError } from '../api/errors';
import { Tokenizer } from './tokenizer';

const SPACE = '\u2581';
const byteToken = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;

/** Laid out as Gemma 3's tokenizer.json. */
function gemmaLike(pieces: string[], merges: [string, string][]): Tokenizer {
  const special = ['<pad>', '<eos>', '<bos>', '<unk>'];
  const bytes = Array.from({ length: 256 }, (_, byte) => byteToken(byte));
  const all = [...special, ...bytes, ...pieces];
  const vocab = Object.fromEntries(all.map((piece, id) => [piece, id]));
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  return new Tokenizer(
    {
      version: '1.0',
      added_tokens: [
        ...special.map((content, id) => ({ id, content, special: true, ...flags })),
        { id: vocab[SPACE + SPACE], content: SPACE + SPACE, special: false, ...flags },
        // Behind the last row of the text models' embedding.
        { id: all.length, content: '<image_soft_token>', special: true, ...flags },
      ],
      normalizer: { type: 'Replace', pattern: { String: ' ' }, content: SPACE },
      pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false },
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: '<bos>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
        pair: [],
        special_tokens: { '<bos>': { id: '<bos>', ids: [2], tokens: ['<bos>'] } },
      },
      decoder: {
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: SPACE }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' },
        ],
      },
      model: { type: 'BPE', unk_token: '<unk>', fuse_unk: true, byte_fallback: true, vocab, merges },
    },
    { tokenizer_class: 'GemmaTokenizer', bos_token: '<bos>', eos_token: '<eos>', add_bos_token: true },
    null,
    all.length,
  );
}

const tokenizer = gemmaLike(
  ['a', 't', 'h', 'e', SPACE, '\n', `${SPACE}${SPACE}`, 'th', `${SPACE}th`, 'é'],
  [
    [SPACE, SPACE],
    ['t', 'h'],
    [SPACE, 'th'],
  ],
);

test('pieces are text with U+2581 for a space, and characters without a piece are tokens of their bytes', () => {
  const text = 'the the\n  é 山 😀 a';
  const ids = tokenizer.encode(text);
  expect(tokenizer.decode(ids)).toBe(text);
  expect(ids.slice(0, 3).map((id) => tokenizer.text(id))).toEqual(['th', 'e', ' th']);
  const mountain = [...new TextEncoder().encode('山')].map((byte) => 4 + byte);
  expect(ids.join(' ')).toContain(mountain.join(' '));
  expect(tokenizer.tokens(mountain).map(({ fragment }) => fragment)).toEqual(
    [0, 1, 2].map((index) => ({ text: '山', index, count: 3 })),
  );
  expect(tokenizer.label(4 + 0xe5)).toBe('‹E5›');
});

test('<bos> stands before a text, once, and is special', () => {
  expect(tokenizer.first).toEqual([2]);
  const { ids } = tokenizer.read('the');
  expect(tokenizer.tokens(ids).map(({ text, special }) => [text, special])).toEqual([
    ['<bos>', true],
    ['th', false],
    ['e', false],
  ]);
  expect(tokenizer.read('<bos>the').ids).toEqual(ids);
});

test('a token that only models with images have is no fault of the tokenizer, and a text that spells it is refused', () => {
  expect(tokenizer.size).toBe(tokenizer.vocabulary);
  expect(() => tokenizer.encode('the <image_soft_token> the')).toThrow(UnknownTokenError);
});

test('an added run of spaces is spaces', () => {
  const ids = tokenizer.encode('the  the');
  expect(ids.map((id) => tokenizer.text(id))).toContain('  ');
});
