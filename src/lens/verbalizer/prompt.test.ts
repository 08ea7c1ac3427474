import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { UnsupportedModelError, VerbalizerMismatchError } from '../api/errors';
import { Tokenizer } from '../engine/tokenizer';
import { type NlaMeta, parseNlaMeta } from '../folders/nla-meta';
import { arPrompt, assertSuffix, avPrompt } from './prompt';

const root = 'src/lens/testing/fixtures/tiny-nla';
const read = (path: string) => JSON.parse(readFileSync(`${root}/${path}`, 'utf8')) as unknown;
const config = read('av/tokenizer_config.json') as Record<string, unknown>;
const tokenizer = new Tokenizer(read('av/tokenizer.json'), config);
const metaOf = (half: string) => parseNlaMeta(new Uint8Array(readFileSync(`${root}/${half}/nla_meta.yaml`)), half);
const [av, ar] = [metaOf('av'), metaOf('ar')];
const expected = read('expected.json') as {
  prompt: number[];
  marker: number;
  reconstructions: Record<string, { text: string; prompt: number[] }>;
};
const marked = (change: Partial<NonNullable<NlaMeta['marker']>>): NlaMeta => ({
  ...av,
  marker: { ...av.marker!, ...change },
});

test('the AV’s prompt is the one that PyTorch was given, the marker where it says', () => {
  expect(avPrompt(tokenizer, av)).toEqual({ ids: expected.prompt, marker: expected.marker });
  expect(expected.prompt[expected.marker]).toBe(av.marker!.id);
});

test('the AR’s prompt is the raw template, filled', () => {
  for (const { text, prompt } of Object.values(expected.reconstructions))
    expect(arPrompt(tokenizer, ar, text)).toEqual(prompt);
});

test.each([
  ['of another id', marked({ id: 99 }), /token ids 257, not 99/],
  ['that is no one token', marked({ text: '㈏' }), /token ids .*, .*, not 257 alone/],
  ['that stands there twice', { ...av, template: `${av.template} ㈎` }, /2 times/],
  ['that stands there nowhere', { ...av, template: 'nothing' }, /0 times/],
  ['with another left neighbour', marked({ left: 61 }), /ids 62 and 258, not 61 and 258/],
  ['with another right neighbour', marked({ right: 62 }), /not 62 and 62/],
  ['that is not stated', { ...av, marker: null }, /no marker/],
])('a marker %s is refused', (_, meta, why) => {
  expect(() => avPrompt(tokenizer, meta)).toThrow(VerbalizerMismatchError);
  expect(() => avPrompt(tokenizer, meta)).toThrow(why);
});

test('a tokenizer without a chat template is refused', () => {
  const { chat_template: _, ...bare } = config;
  expect(() => avPrompt(new Tokenizer(read('av/tokenizer.json'), bare), av)).toThrow(UnsupportedModelError);
});

test('a template that speaks of thinking is left to itself', () => {
  const template = "{{ messages[0]['content'] }}{% if enable_thinking is defined %}!{% endif %}";
  const own = new Tokenizer(read('av/tokenizer.json'), { ...config, chat_template: template });
  expect(own.encodeTurn('a')).toEqual(own.encode('a'));
  expect(own.read('a', { chat: true }).ids).toEqual(own.encode('a!'));
});

test('the AR’s prompt must end as it says', () => {
  expect(() => assertSuffix(tokenizer, ar)).not.toThrow();
  expect(() => assertSuffix(tokenizer, { ...ar, suffix: null })).not.toThrow();
  expect(() => assertSuffix(tokenizer, { ...ar, suffix: [...ar.suffix!.slice(1), 10] })).toThrow(
    VerbalizerMismatchError,
  );
  expect(() => assertSuffix(tokenizer, { ...ar, template: `${ar.template} ` })).toThrow(VerbalizerMismatchError);
});
