import { expect, test } from 'vitest';
import { SheetError } from '../../api/errors';
import { blindSheet, labelsOf } from './sheet-file';

const hash = async (text: string) => `hash of ${text}`;
const texts = Array.from({ length: 50 }, (_, i) => `text ${i}`);
const made = () => blindSheet('Is it so?', [...texts, ...texts], 5, hash);

test('a sheet holds each text once, in an order of its seed, and nothing else', async () => {
  const { rows, key } = await made();
  expect(await made()).toEqual({ rows, key });
  expect(rows.map(({ text }) => text).sort()).toEqual([...texts].sort());
  expect(rows.map(({ text }) => text)).not.toEqual((await blindSheet('', texts, 6, hash)).rows.map(({ text }) => text));
  expect(new Set(rows.map(({ id }) => id)).size).toBe(50);
  expect(rows.every((row) => Object.keys(row).join() === 'id,text' && /^[0-9a-f]{8}$/.test(row.id))).toBe(true);
  // Whatever order the arms come in.
  expect(await blindSheet('Is it so?', [...texts].reverse(), 5, hash)).toEqual({ rows, key });
});

test('labels come back by id and hash, in any order', async () => {
  const { rows, key } = await made();
  const filled = rows.map((row, i) => ({ ...row, label: ['yes', ' No ', '', '1', '0'][i % 5]! })).reverse();
  const labels = await labelsOf(key, filled, hash);
  expect(labels.size).toBe(40);
  const at = (i: number) => labels.get(`hash of ${rows[i]!.text}`);
  expect([0, 1, 2, 3, 4].map(at)).toEqual([1, 0, undefined, 1, 0]);
});

test('a row of another sheet, a changed text, a second row and a word that is no label are refused', async () => {
  const { rows, key } = await made();
  const row = { ...rows[0]!, label: 'yes' };
  for (const [wrong, message] of [
    [[{ ...row, id: 'other' }], /not of these texts/],
    [[row, row], /stands there twice/],
    [[{ ...row, text: `${row.text}.` }], /was changed/],
    [[{ ...row, label: 'maybe' }], /write yes or no/],
  ] as const) {
    await expect(labelsOf(key, wrong, hash)).rejects.toThrow(message);
    await expect(labelsOf(key, wrong, hash)).rejects.toThrow(SheetError);
  }
});
