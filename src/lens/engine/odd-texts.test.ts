import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { ODD_TEXTS } from '../../state/testing/texts';
import { Tokenizer } from './tokenizer';

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as unknown;
const MINI = 'public/models/lenslet-mini';
/** Written by training/fixtures/odd_texts.py. */
const THEIRS = read('fixtures/texts/tokenizers-0.23.3.json') as Record<string, number[]>;

let tokenizer: Tokenizer;
beforeAll(() => {
  tokenizer = new Tokenizer(read(`${MINI}/tokenizer.json`), read(`${MINI}/tokenizer_config.json`));
});

const HALF = /\p{Cs}/u;

describe('as Hugging Face’s tokenizers read it', () => {
  test.each(ODD_TEXTS.filter(([, text]) => !HALF.test(text)))('%s', (_, text) => {
    expect(tokenizer.encode(text)).toEqual(THEIRS[text]);
  });
});

// Python has no bytes for it and refuses; JavaScript's own encoder writes the replacement character.
test.each(ODD_TEXTS.filter(([, text]) => HALF.test(text)))('%s is read as the replacement character', (_, text) => {
  expect(tokenizer.encode(text)).toEqual(tokenizer.encode(text.replaceAll(/\p{Cs}/gu, '\ufffd')));
});

test.each(ODD_TEXTS)('a conversation says %s in the tokens of its turn', (_, text) => {
  const { ids, spans } = tokenizer.read({
    messages: [
      { role: 'user', content: `a${text}b` },
      { role: 'assistant', content: `b${text}a` },
      { role: 'user', content: 'end' },
    ],
  });
  const said = (turn: number) =>
    tokenizer.decode(ids.filter((_, i) => spans![i]!.turn === turn && spans![i]!.section === 'content'));
  const normal = (part: string) => part.normalize('NFC').replaceAll(/\p{Cs}/gu, '\ufffd');
  expect([said(0), said(1), said(2)]).toEqual([normal(`a${text}b`), normal(`b${text}a`), 'end']);
});
