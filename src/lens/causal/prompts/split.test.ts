import { expect, test } from 'vitest';
import { sha256 } from '../../formats/sha256';
import { sampleSeed } from '../../maths/random';
import { seeded } from '../../testing/fixtures';
import { refuseLeaks } from './leak';
import { near, piecesOf } from './near';
import { type PromptItem, promptId, trialSeed } from './prompt';
import { partition, refuseBothSides, type Side } from './split';

const SPLIT = { salt: '1', test: 0.67 };
const item = async (text: string, group?: string): Promise<PromptItem> => ({
  id: await promptId({ text }),
  text,
  ...(group !== undefined && { group }),
});
const WORDS = 'river stone lamp garden winter letter bridge copper window thunder salt paper'.split(' ');
const random = seeded(3);
const sentence = (length: number) =>
  Array.from({ length }, () => WORDS[Math.floor(random() * WORDS.length)]!).join(' ');

test('an id is the hash of the text in NFC, a line break and what is expected; the seed takes 31 bits of it', async () => {
  const hash = await sha256(new TextEncoder().encode('caf\u00e9 =\n5'));
  expect(await promptId({ text: 'cafe\u0301 =', expect: '5' })).toBe(hash!.slice(0, 12));
  expect(await promptId({ text: 'café =' })).toBe((await sha256(new TextEncoder().encode('café =\n')))!.slice(0, 12));
  expect(trialSeed(16, 'ffffffff0000', 2)).toBe(sampleSeed(16, 0x7fffffff, 2));
  expect(trialSeed(16, '000000020000', 0)).toBe(sampleSeed(16, 1, 0));
  const seeds = new Set(['5f0c00000000', '5f0e00000000'].flatMap((id) => [0, 1].map((i) => trialSeed(16, id, i))));
  expect(seeds.size).toBe(4);
});

test('near: half of the 5-grams of words, or of the 8-grams of Han characters, of the shorter text', () => {
  const is = (a: string, b: string) => near(piecesOf(a), piecesOf(b));
  const six = 'one two three four five six';
  expect(is(six, 'ONE  two\nthree ｆｏｕｒ five six')).toBe(true);
  expect(is(six, `${six} seven eight nine ten eleven twelve`)).toBe(true);
  expect(is(six, 'one two three four five seven')).toBe(true); // 1 of 2
  expect(is(`${six} seven`, 'one two three four five 6 7')).toBe(false); // 1 of 3
  expect(is('7 × 8 =', '7 × 9 =')).toBe(false);
  expect(is('7 × 8 =', '7 + 8 =')).toBe(false);
  expect(is('7 × 8 =', '7  ×  8 =')).toBe(true);
  expect(is('春眠不觉晓处处闻啼鸟', '春眠不觉晓，处处闻啼鸟。')).toBe(true);
  expect(is('春眠不觉晓处处闻啼', '春眠不觉晓处处闻雨')).toBe(true); // 1 of 2
  expect(is('春眠不觉晓处处闻啼鸟', '春眠不觉晓处处闻花落')).toBe(false); // 1 of 3
  expect(is('', '')).toBe(false);
});

test('the shares of a split are as asked, another salt is another split, and both are the same each time', async () => {
  const items = await Promise.all(Array.from({ length: 600 }, (_, i) => item(`${i} ${sentence(12)}`)));
  const share = async (test: number, salt = '1') => {
    const { placed } = await partition(items, { salt, test });
    return items.map(({ id }) => placed.get(id)!.side);
  };
  const of = (sides: Side[]) => sides.filter((side) => side === 'test').length / sides.length;
  expect(of(await share(0.67))).toBeGreaterThan(0.6);
  expect(of(await share(0.67))).toBeLessThan(0.74);
  expect([of(await share(0)), of(await share(1))]).toEqual([0, 1]);
  expect(await share(0.67)).toEqual(await share(0.67));
  expect(await share(0.67)).not.toEqual(await share(0.67, '2'));
});

test('near-duplicates and groups are never parted, and prompts that are added behind move none', async () => {
  const items: PromptItem[] = [];
  for (let i = 0; i < 150; i++) {
    const text = `${i} ${sentence(14)}`;
    items.push(await item(text, i % 10 === 0 ? `g${i % 4}` : undefined));
    if (i % 3 === 0) items.push(await item(`${text} and more ${i}`));
    if (i % 5 === 0) items.push(await item(`Well, ${text}`));
  }
  const { placed, refused } = await partition(items, SPLIT);
  const pieces = items.map(({ text }) => piecesOf(text));
  let pairs = 0;
  for (const [i, a] of items.entries())
    for (const [j, b] of items.entries()) {
      const joined = i < j && (near(pieces[i]!, pieces[j]!) || (a.group !== undefined && a.group === b.group));
      const [one, other] = [placed.get(a.id), placed.get(b.id)];
      if (!joined || !one || !other) continue;
      pairs++;
      expect(one).toEqual(other);
    }
  expect(pairs).toBeGreaterThan(80);
  expect(new Set([...placed.values()].map(({ side }) => side)).size).toBe(2);
  expect(refused.length).toBe(0);
  for (const cut of [1, 40, 99, items.length - 1]) {
    const before = (await partition(items.slice(0, cut), SPLIT)).placed;
    for (const [id, { side }] of before) expect(placed.get(id)!.side).toBe(side);
  }
});

test('a prompt that would join both sides is refused, with the prompts that it joins', async () => {
  const found: Partial<Record<Side, PromptItem>> = {};
  for (let i = 0; !found.dev || !found.test; i++) {
    const one = await item(`${i} one two three four five ${i}`);
    found[(await partition([one], SPLIT)).placed.get(one.id)!.side] = one;
  }
  const both = await item(`${found.dev.text} ${found.test.text}`);
  const parts = await partition([found.dev, found.test, both], SPLIT);
  expect(parts.placed.has(both.id)).toBe(false);
  expect(parts.placed.size).toBe(2);
  expect(parts.refused).toMatchObject([{ id: both.id, reason: 'both-sides' }]);
  expect(parts.refused[0]!.note).toContain(found.dev.id);
  expect(parts.refused[0]!.note).toContain(found.test.id);
  expect(() => refuseBothSides('main', parts)).toThrow(/would lie on both sides/);
  expect(() => refuseBothSides('main', { ...parts, refused: [] })).not.toThrow();
});

test('what one set keeps for its test, no other shows in development', async () => {
  const items = await Promise.all(Array.from({ length: 30 }, (_, i) => item(`${i} one two three four ${i} five ${i}`)));
  const set = async (of: PromptItem[], test: number) => ({
    items: of,
    partition: await partition(of, { salt: '1', test }),
  });
  const near = await item(`${items[7]!.text} and so on`);
  const main = await set(items, 1);
  expect(() => refuseLeaks({ main })).not.toThrow();
  const leaks = async (of: PromptItem[], test: number) => {
    const other = await set(of, test);
    return () => refuseLeaks({ main, other });
  };
  expect(await leaks([await item('something else altogether')], 0)).not.toThrow();
  expect(await leaks([items[7]!, near], 1)).not.toThrow();
  for (const one of [items[7]!, near])
    expect(await leaks([one], 0)).toThrow(new RegExp(`${one.id} of “other” is in development, and “main” keeps it`));
});
