import { expect, test } from 'vitest';
import { CorruptFileError } from '../api/errors';
import { json, NLA_CONTROLS } from '../testing/fixtures';
import { memoryFolder } from '../testing/memory-folder';
import { openNlaIndex, parseNlaControls } from './nla-controls';

const of = { d: 2, layer: 3 };
const parse = (change: Record<string, unknown> = {}) =>
  parseNlaControls(json({ ...NLA_CONTROLS, ...change }), 'nla/controls.json', of);
const index = (value: unknown) => openNlaIndex(memoryFolder('m', { 'nla/index.json': json(value) }));

test('reads V, the mean, the texts and what was reached', () => {
  const { quality } = NLA_CONTROLS;
  expect(parse()).toEqual({
    variance: 0.75,
    mean: Float32Array.of(0.25, -0.5),
    generic: 'A text goes on.',
    texts: ['One.', 'Two.'],
    quality: { n: 500, own: quality.own, shuffled: quality.shuffled, beatsControl: true },
  });
  expect(parse({ quality: undefined }).quality).toBeNull();
});

test.each([
  ['format', 'lenslet-nla-controls-2'],
  ['layer', 4],
  ['variance', 0],
  ['variance', -1],
  ['variance', 1.2],
  ['mean', '###'],
  ['mean', btoa('1234')],
  ['mean', btoa('\0\0\u00c0\u007f\0\0\u00c0\u007f')], // NaN
  ['texts', ['']],
  ['texts', [1]],
  ['generic', ''],
  ['quality', { n: 1 }],
])('refuses %s %j', (key, value) => {
  expect(() => parse({ [key]: value })).toThrow(CorruptFileError);
});

test('a folder without an index has no pair', async () => {
  expect(await openNlaIndex(memoryFolder('m', {}))).toBeNull();
});

test('an index names folders beside it, and no others', async () => {
  const good = { format: 'lenslet-nla-1', av: 'av', ar: 'ar-2.1' };
  expect(await index(good)).toEqual({ av: 'nla/av', ar: 'nla/ar-2.1', controls: null, bytes: null });
  expect(await index({ ...good, bytes: { av: 7, ar: 5 } })).toMatchObject({ bytes: { av: 7, ar: 5 } });
  for (const bytes of [{ av: 7 }, { av: -1, ar: 5 }, { av: 1.5, ar: 5 }, 7])
    await expect(index({ ...good, bytes })).rejects.toThrow(CorruptFileError);
  expect(await index({ ...good, controls: 'controls.json' })).toMatchObject({ controls: 'nla/controls.json' });
  for (const av of ['..', '../x', 'a/b', '', 'https://x.org', '.av', 7])
    await expect(index({ ...good, av })).rejects.toThrow(CorruptFileError);
  await expect(index({ ...good, controls: '../controls.json' })).rejects.toThrow(CorruptFileError);
  await expect(index({ ...good, format: 'lenslet-nla-9' })).rejects.toThrow(CorruptFileError);
});
