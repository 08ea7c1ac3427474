import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CorruptFileError } from '../api/errors';
import { Tokenizer } from './tokenizer';

const read = (file: string) => JSON.parse(readFileSync(`public/models/lenslet-mini/${file}`, 'utf8'));
const json = read('tokenizer.json');
const config = read('tokenizer_config.json');
const [END, START] = json.added_tokens as { id: number; content: string }[];

const piece = ({ content }: { content: string }) => ({ SpecialToken: { id: content, type_id: 0 } });
const template = (before: (typeof END)[], after: (typeof END)[]) => ({
  type: 'TemplateProcessing',
  single: [...before.map((t) => piece(t!)), { Sequence: { id: 'A', type_id: 0 } }, ...after.map((t) => piece(t!))],
  pair: [],
  special_tokens: Object.fromEntries(
    [END!, START!].map(({ id, content }) => [content, { id: content, ids: [id], tokens: [content] }]),
  ),
});
const inSequence = (...processors: unknown[]) => ({ type: 'Sequence', processors });
const byteLevel = json.post_processor;
const open = (post: unknown, change: object = {}) =>
  new Tokenizer({ ...json, post_processor: post }, { ...config, ...change });

const hello = open(byteLevel).encode('hello there');

// As transformers 5.24.0 does with the same files: what tokenizer.json's post-processor says, whatever the class and
// `add_bos_token` in tokenizer_config.json.
test.each([
  ['none', null, []],
  ['ByteLevel', byteLevel, []],
  ['a template', template([END], []), [END!.id]],
  ['a template behind ByteLevel', inSequence(byteLevel, template([END], [])), [END!.id]],
  ['a template with two tokens', template([START, END], []), [START!.id, END!.id]],
  ['a template that only ends a text', inSequence(byteLevel, template([], [END])), []],
])('post-processor %s', (_, post, first) => {
  for (const change of [{}, { add_bos_token: true }, { add_bos_token: false, tokenizer_class: 'LlamaTokenizerFast' }]) {
    const tokenizer = open(post, { ...change, bos_token: END!.content });
    expect(tokenizer.first).toEqual(first);
    const { ids, text, spans } = tokenizer.read('hello there');
    expect([ids, text, spans]).toEqual([[...first, ...hello], 'hello there', null]);
    expect(tokenizer.read('hello there', { prependBos: false }).ids).toEqual(hello);
  }
});

const tokenizer = open(template([END], []), {
  bos_token: END!.content,
  chat_template:
    "{{ bos_token }}{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{% endfor %}",
});

test('the first token is marked as special, and is a token like any other', () => {
  const [first, second] = tokenizer.tokens(tokenizer.read('hello there').ids);
  expect(first).toEqual({ id: END!.id, text: END!.content, position: 0, special: true });
  expect(second).toMatchObject({ position: 1, special: false });
});

test('never twice: not before a text that spells it, nor before what a template writes', () => {
  const count = (ids: number[]) => ids.filter((id) => id === END!.id).length;
  expect(count(tokenizer.read(`${END!.content}hello there`).ids)).toBe(1);
  for (const ids of [
    tokenizer.read({ messages: [{ role: 'user', content: 'hello' }] }).ids,
    tokenizer.read('hello', { chat: true }).ids,
    tokenizer.encodeTurn('hello'),
  ]) {
    expect(count(ids)).toBe(1);
    expect(ids[0]).toBe(END!.id);
  }
});

test('a first token that the vocabulary lacks is refused', () => {
  const post = template([{ id: 99_999, content: '<s>' }], []);
  expect(() => open(post)).toThrow(CorruptFileError);
});
