import { expect, test } from 'vitest';
import { CorruptFileError, PromptSetError } from '../../api/errors';
import { canonical } from '../predicates/answer';
import { baselineOf } from './baseline';
import { promptId } from './prompt';
import { identified, promptSetFrom, readPromptFile } from './prompt-set';
import { SHIPPED, shippedPrompts } from './shipped';
import { partition } from './split';

const file = (more: object) => ({ format: 'lenslet-prompts-1', name: 'a', source: 'Lines.', ...more });
const made = (more: object) => promptSetFrom(file(more), 'The file');

test('items get their ids, and an id of another text or a second time is refused', async () => {
  const [one] = await identified([{ text: 'a', expect: 'b' }], 'F');
  expect(one).toEqual({ id: await promptId({ text: 'a', expect: 'b' }), text: 'a', expect: 'b' });
  expect(await identified([one!], 'F')).toEqual([one]);
  await expect(identified([{ ...one!, text: 'c' }], 'F')).rejects.toThrow(/item 1 has the id .* it was changed/);
  await expect(identified([one!, { text: 'a', expect: 'b' }], 'F')).rejects.toThrow(/item 2 stands there twice/);
});

test('a file of items and templates is one set; what is made twice is left out with the reason', async () => {
  const template = { text: '{a}!', slots: { a: { list: ['x', 'y', 'x'] } }, take: 'crossed' };
  const set = await made({ items: [{ text: 'y!' }, { text: 'cafe\u0301' }], templates: [template] });
  expect(set.items.map(({ text }) => text)).toEqual(['y!', 'café', 'x!']);
  expect(set.excluded.map(({ reason }) => reason)).toEqual(['duplicate', 'duplicate']);
  expect(set).toMatchObject({ name: 'a', source: 'Lines.', split: { salt: '1', test: 0.67 } });
});

test('a hostile file is refused by name', async () => {
  for (const [more, message] of [
    [{ format: 'other' }, /"format" must be lenslet-prompts-1/],
    [{ source: ' ' }, /"source" must say in one sentence/],
    [{ extra: 1 }, /has the key "extra"/],
    [{ items: Array(10_001).fill({ text: 'a' }) }, /"items" must be a list of at most 10000/],
    [{ items: [{ text: '\udc00' }] }, /"text" must be Unicode/],
    [{ items: [{ id: 'x', text: 'a' }] }, /"id" must be/],
    [{ templates: [{ text: '{a}', slots: { a: { from: 1, to: 0 } }, take: 'crossed' }] }, /"to" must not be below/],
    [{ templates: [{ text: '{a}', slots: { a: {} }, take: 'all' }] }, /"from" must be|JSON object/],
  ] as const) {
    await expect(made(more)).rejects.toThrow(message);
    await expect(made(more)).rejects.toThrow(CorruptFileError);
  }
  await expect(made({})).rejects.toThrow(PromptSetError);
  await expect(readPromptFile(new Uint8Array(13_000_000), 'F')).rejects.toThrow(/at most 12000000 are read/);
});

test('the shipped sets are large enough for a test, say what they stand for, and hold no near-duplicates', async () => {
  for (const name of SHIPPED) {
    const set = await shippedPrompts(name);
    expect(set.source).toMatch(/^[A-Z].*\.$/);
    expect(set.excluded).toEqual([]);
    const { placed, refused } = await partition(set.items, set.split);
    expect([name, refused]).toEqual([name, []]);
    expect([name, new Set([...placed.values()].map(({ cluster }) => cluster)).size]).toEqual([name, set.items.length]);
    const sides = [...placed.values()].map(({ side }) => side);
    expect(sides.filter((side) => side === 'test').length).toBeGreaterThanOrEqual(20);
    expect(sides.filter((side) => side === 'dev').length).toBeGreaterThanOrEqual(8);
  }
  const sums = await shippedPrompts('sums');
  for (const { text, expect: expected } of sums.items) {
    const [a, b] = text.split(/ [+=] ?/);
    expect(expected).toBe(canonical(String(Number(a) + Number(b))));
  }
  const pairs = await shippedPrompts('english-chinese');
  for (const { text } of pairs.items) expect(text).toMatch(/^([!-~ ]+\n[^!-~]+\n){2}[!-~ ]+\n$/);
});

test('saturated and empty baselines are named', () => {
  const prompt = (outcome: number | null, tokens = 5, i = 0) => ({ prompt: `p${i}`, outcome, tokens });
  expect(baselineOf([prompt(0), prompt(0)], true)).toMatchObject({ rate: 0, saturated: 0 });
  expect(baselineOf([prompt(1), prompt(1)], true)).toMatchObject({ rate: 1, saturated: 1 });
  const mixed = baselineOf([prompt(1), prompt(null, 0, 1), prompt(0.5)], true);
  expect(mixed).toMatchObject({ n: 3, rate: 0.5, saturated: null, empty: ['p1'], undecided: ['p1'] });
  expect(mixed.warnings).toEqual([
    'After 1 of 3 prompts the model writes nothing.',
    'The rule could not judge 1 of 3 texts.',
  ]);
  // A rule on the next token writes nothing at all.
  expect(baselineOf([prompt(1, 0)], false).empty).toEqual([]);
  expect(baselineOf([], true).warnings).toEqual(['No prompt was run.']);
});
