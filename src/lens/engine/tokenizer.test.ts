import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { CorruptFileError, EmptyTextError, UnsupportedModelError } from '../api/errors';
import { TextStream, Tokenizer } from './tokenizer';

const read = (file: string) => JSON.parse(readFileSync(`public/models/lenslet-mini/${file}`, 'utf8')) as unknown;
let tokenizer: Tokenizer;
beforeAll(() => {
  tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'));
});

const joined = (ids: number[]) =>
  tokenizer
    .tokens(ids)
    .map((token) => (token.fragment ? (token.fragment.index === 0 ? token.fragment.text : '') : token.text));

test('texts come back whole: Latin, Han, emoji, newlines, code', () => {
  for (const text of [
    'The old man.',
    '孔明曰：「善。」',
    'ok 🙂👩‍🚀 龘龘',
    'a\n\n  b\tc',
    'def f(x):\n    return x*x',
    '\ufeffa byte order mark',
  ]) {
    expect(joined(tokenizer.encode(text)).join('')).toBe(text.normalize('NFC'));
  }
});

test('the tokens of one byte-split character are marked with their joint text', () => {
  const tokens = tokenizer.tokens(tokenizer.encode('a龘b'));
  const parts = tokens.filter((token) => token.fragment);
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.map((token) => token.fragment)).toEqual(
    parts.map((_, index) => ({ text: '龘', index, count: parts.length })),
  );
  expect(tokens[0]!.fragment).toBeUndefined();
  expect(tokens.at(-1)!.fragment).toBeUndefined();
});

test('streamed text holds a character back until it is complete', () => {
  const ids = tokenizer.encode('龘');
  const stream = new TextStream(tokenizer);
  const pushed = ids.map((id) => stream.push(id));
  expect(pushed.slice(0, -1).join('')).toBe('');
  expect(pushed.at(-1)).toBe('龘');
  const mark = new TextStream(tokenizer);
  expect(
    tokenizer
      .encode('\ufeff')
      .map((id) => mark.push(id))
      .join(''),
  ).toBe('\ufeff');
  const broken = new TextStream(tokenizer);
  expect(broken.push(ids[0]!)).toBe('');
  expect(broken.end()).toBe('\ufffd');
});

test('a token that is no whole character is named by its bytes', () => {
  const [first] = tokenizer.encode('龘');
  expect(tokenizer.label(first!)).toMatch(/^‹[0-9A-F]{2}( [0-9A-F]{2})*›$/);
  expect(tokenizer.label(tokenizer.encode(' old')[0]!)).toBe(' old');
});

test('special tokens are known, empty texts and missing templates named', () => {
  const ids = tokenizer.encode('a<|endoftext|>b');
  expect(
    tokenizer
      .tokens(ids)
      .filter((token) => token.special)
      .map((token) => token.id),
  ).toEqual([8168]);
  expect(() => tokenizer.encode('')).toThrow(EmptyTextError);
  const plain = new Tokenizer(read('tokenizer.json'), {
    ...(read('tokenizer_config.json') as object),
    chat_template: undefined,
  });
  expect(plain.hasDefaultTemplate).toBe(false);
  expect(() => plain.read('hello', { chat: true })).toThrow(UnsupportedModelError);
  expect(() => new Tokenizer({ model: { type: 'Unigram' } }, {})).toThrow(UnsupportedModelError);
});

test('a chat is rendered by the model’s own template, up to where the assistant begins', () => {
  expect(tokenizer.hasDefaultTemplate).toBe(true);
  expect(tokenizer.read('7 × 8?', { chat: true }).ids).toEqual(
    tokenizer.encode('<|im_start|>user\n7 × 8?<|im_end|>\n<|im_start|>assistant\n'),
  );
});

test('a vocabulary of Qwen3’s size opens, and ids that are none are refused', () => {
  const vocab = Object.fromEntries(Array.from({ length: 160_000 }, (_, id) => [`t${id}`, id]));
  const json = { ...(read('tokenizer.json') as object), model: { type: 'BPE', vocab, merges: [] }, added_tokens: [] };
  expect(new Tokenizer(json, read('tokenizer_config.json')).size).toBe(160_000);
  for (const id of ['x', -1, 1.5, 2 ** 40]) {
    expect(
      () =>
        new Tokenizer({ ...json, model: { ...json.model, vocab: { a: 0, bad: id } } }, read('tokenizer_config.json')),
    ).toThrow(CorruptFileError);
  }
});

test('the Han characters of the vocabulary, each once, those of broken tokens left out', () => {
  const all = tokenizer.hanCharacters();
  expect([...all].every((character) => /\p{Script=Han}/u.test(character))).toBe(true);
  expect(new Set(all).size).toBe([...all].length);
  const expected = new Set<string>();
  for (let id = 0; id < tokenizer.size; id++)
    for (const character of tokenizer.text(id)) if (/\p{Script=Han}/u.test(character)) expected.add(character);
  expect(expected.size).toBeGreaterThan(100);
  expect(new Set(all)).toEqual(expected);
  expect(tokenizer.hanCharacters()).toBe(all);
});

test('a token that ends within a character leaves nothing behind for the next one', () => {
  const ids = tokenizer.encode('龘');
  expect(tokenizer.text(ids[0]!)).toContain('\ufffd');
  expect(tokenizer.text(tokenizer.encode(' old')[0]!)).toBe(' old');
});
