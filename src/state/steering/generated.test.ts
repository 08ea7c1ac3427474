import { expect, test } from 'vitest';
import type { GeneratedRow } from '../../lens/api/generate';
import type { SiteCodes } from '../../lens/api/site';
import { codesOf, differences, partnerOf, unread, writtenOf } from './generated';

const codes = (...pairs: [number, number][]): SiteCodes => ({
  layer: 3,
  k: pairs.length,
  ids: Uint32Array.from(pairs, ([id]) => id),
  values: Float32Array.from(pairs, ([, value]) => value),
  fvu: new Float32Array(1),
  norm: new Float32Array(1),
  centred: new Float32Array(1),
  active: new Uint32Array(0),
  peak: new Float32Array(0),
});

const row = (text: string, read: SiteCodes, done: GeneratedRow['done'] = null): GeneratedRow => ({
  token: 1,
  text,
  logprob: -1,
  codes: { 3: read },
  acted: 0,
  change: 0,
  norm: 0,
  kl: null,
  surprisal: null,
  done,
});

const prompts = codes([1, 1]);
const first = codes([2, 2]);
const text = [row(' a', prompts), row(' b', first, 'length')];

test('the codes of a generated token stand in the row after it, and the last has none', () => {
  expect(codesOf(text, 0, 3)).toBe(first);
  expect(codesOf(text, 1, 3)).toBeNull();
  expect(codesOf(text, 0, 4)).toBeNull();
  expect(unread(text, 0, 3, 'steered')).toBeNull();
  expect(unread(text, 1, 3, 'steered')).toBe(
    'The last token was not read by the model: generate one more to see its codes.',
  );
});

test('why there are no codes is said as it is', () => {
  expect(unread([row('', prompts, 'stop')], 0, 3, 'baseline')).toContain('ended the text');
  expect(unread([row('', prompts, 'source')], 0, 3, 'control')).toContain('ended with the steered');
  expect(unread([row('', prompts, 'sequence')], 0, 3, 'baseline')).toContain('completed a stop sequence');
  expect(unread([row('', prompts, 'context')], 0, 3, 'control')).toContain('context is full');
  expect(unread(text, 2, 3, 'baseline')).toBe('The baseline text has 2 tokens so far.');
  expect(unread(text, 0, 4, 'baseline')).toBe('The codes of this text are not kept.');
  expect(unread(null, 0, 3, 'control')).toBe('This run has no control text.');
});

test('differences: the union of both, largest |difference| first, ties by lower id, absent is 0', () => {
  const rows = differences(codes([5, 4], [6, 1], [8, 1]), codes([6, 3], [7, 1.5], [0xffffffff, 0]));
  expect(rows).toEqual([
    { id: 5, base: 4, other: 0, difference: -4 },
    { id: 6, base: 1, other: 3, difference: 2 },
    { id: 7, base: 0, other: 1.5, difference: 1.5 },
    { id: 8, base: 1, other: 0, difference: -1 },
  ]);
  expect(differences(codes([9, 1], [4, 1]), codes([2, 1])).map(({ id }) => id)).toEqual([2, 4, 9]);
});

test('where one text was not read nothing is subtracted from it', () => {
  expect(differences(codes([5, 1], [6, 2]), null)).toEqual([
    { id: 6, base: 2, other: null, difference: null },
    { id: 5, base: 1, other: null, difference: null },
  ]);
  expect(differences(null, null)).toEqual([]);
});

test('what is sent to the prompt is the prompt and the text itself, up to the token with it', () => {
  const streams = { baseline: text, steered: null, control: null };
  expect(writtenOf('say', streams, 'baseline')).toBe('say a b');
  expect(writtenOf('say', streams, 'baseline', 0)).toBe('say a');
  expect(writtenOf('say', streams, 'steered')).toBe('say');
});

test('a baseline token is set beside the steered one, a control’s beside the baseline', () => {
  expect([partnerOf('baseline'), partnerOf('steered'), partnerOf('control')]).toEqual([
    'steered',
    'steered',
    'control',
  ]);
});
