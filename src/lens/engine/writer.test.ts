import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { endsOf } from './ends';
import { Tokenizer } from './tokenizer';
import { Writer } from './writer';

const read = (file: string) => JSON.parse(readFileSync(`public/models/lenslet-mini/${file}`, 'utf8')) as unknown;
let tokenizer: Tokenizer;
beforeAll(() => {
  tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'));
});

const END = 8168;
const writer = (stop: string[], ids: number[] = [], repetitionPenalty?: number) =>
  new Writer({ tokenizer, ids, ends: [END], sampling: { stop, repetitionPenalty } });

/** Writes the tokens of a text until the row ends: its text, and at which token it ended why. */
function write(text: string, stop: string[]): { said: string; at: number; of: number; done: string | null } {
  const row = writer(stop);
  const ids = tokenizer.encode(text);
  let said = '';
  for (const [at, id] of ids.entries()) {
    const { text: piece, done } = row.push(id);
    said += piece;
    if (done) return { said: said + row.end(), at, of: ids.length, done };
  }
  return { said: said + row.end(), at: ids.length, of: ids.length, done: null };
}

test('a row ends at the token that completes a stop sequence, also one over several tokens', () => {
  const text = 'The old man said nothing.\n\nThe river went on.';
  for (const stop of ['old', 'ld ma', 'd man said not', '\n\n', '.\n\nThe', 'The']) {
    const { said, done, at, of } = write(text, ['never', stop]);
    expect(done, stop).toBe('sequence');
    expect(said, stop).toContain(stop);
    // Not a token later than it must be: without its last token the sequence is not there.
    const ids = tokenizer.encode(text).slice(0, at);
    expect(ids.map((id) => tokenizer.text(id)).join(''), stop).not.toContain(stop);
    expect(at, stop).toBeLessThan(of - 1);
  }
  expect(write(text, ['old men', 'OLD']).done).toBeNull();
  expect(write(text, []).said).toBe(text);
});

test('of several sequences the first that is completed counts', () => {
  expect(write('one two three', ['three', 'two']).said).toBe('one two');
});

test('a sequence is found whose characters are split over tokens, and not before the last byte', () => {
  const ids = tokenizer.encode('龘');
  expect(ids.length).toBeGreaterThan(1);
  const row = writer(['龘']);
  expect(ids.map((id) => row.push(id).done)).toEqual([...ids.slice(1).map(() => null), 'sequence']);
  // Over two such characters, neither of which is one token.
  expect(write('a龘龘b', ['龘龘b'])).toMatchObject({ said: 'a龘龘b', done: 'sequence' });
});

test('the text of the prompt is no part of it: a sequence that begins there is not found', () => {
  const row = writer(['man'], tokenizer.encode('The old m'));
  expect(tokenizer.encode('an').map((id) => row.push(id).done)).toEqual([null]);
});

test('an end token ends a row without its text; written out, a special token can be a stop sequence', () => {
  expect(writer([]).push(END)).toEqual({ text: '', done: 'stop' });
  const [turnEnd] = tokenizer.encode('<|im_end|>');
  expect(writer(['<|im_end|>']).push(turnEnd!)).toEqual({ text: '<|im_end|>', done: 'sequence' });
  expect(writer([]).push(turnEnd!)).toEqual({ text: '<|im_end|>', done: null });
});

test('after a prompt that ends within a character the first tokens complete it', () => {
  const ids = tokenizer.encode('old 龘龘');
  for (let cut = 1; cut < ids.length; cut++) {
    const row = writer([], ids.slice(0, cut));
    const before = new Writer({ tokenizer, ids: [], ends: [], sampling: {} });
    const said = ids.slice(0, cut).map((id) => before.push(id).text);
    const rest = ids.slice(cut).map((id) => row.push(id).text);
    expect([...said, ...rest].join('')).toBe('old 龘龘');
  }
});

test('the penalty weighs the tokens of the prompt and of the row', () => {
  const ids = tokenizer.encode('The old man');
  expect(writer([], ids).seen).toBeNull();
  const row = writer([], ids, 1.2);
  const [next] = tokenizer.encode(' river');
  row.push(next!);
  expect(row.seen).toEqual(new Set([...ids, next]));
});

test('a plain text ends where the files say; a conversation also where its template ends a turn', () => {
  expect(endsOf({ eos: [1] }, 2)).toEqual([1, 2]);
  expect(endsOf({ eos: [2, 1] }, 2)).toEqual([2, 1]);
  expect(endsOf({ eos: [] }, 2)).toEqual([2]);
  expect(endsOf({ eos: [1] }, null)).toEqual([1]);
});
