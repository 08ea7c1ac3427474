import { expect, test } from 'vitest';
import { toyTokenizer } from '../testing/toy-tokenizer';
import { SELFIE } from './selfie';

test('the prompt is in the default chat template; where none is the default, it is in Llama’s form', () => {
  const template = 'U: {{ messages[0].content }} A: ';
  const said = (given: unknown) => {
    const tokenizer = toyTokenizer({ template: given });
    const { ids, positions } = SELFIE.prompt(tokenizer);
    expect(positions.map((at) => tokenizer.text(ids[at]!))).toEqual(Array(5).fill('_'));
    return tokenizer.decode(ids);
  };
  expect(said(template)).toBe('U: _ _ _ _ _ A: Sure, I will summarize the message:');
  const llama = '[INST] _ _ _ _ _ [/INST] Sure, I will summarize the message:';
  expect(said(undefined)).toBe(llama);
  expect(said([{ name: 'rag', template }])).toBe(llama);
});
