import { expect, test } from 'vitest';
import { fakeLens } from '../testing/lens';
import { addRow } from './edits';
import { fitTo } from './fit';

const { info } = fakeLens();
const one = { strength: 1, unit: 'raw' } as const;

test('what the model has is kept without a word', () => {
  const rows = addRow([], 4, 49, one);
  expect(fitTo({ site: 4, feature: 49, rows }, info)).toEqual({ site: 4, feature: 49, rows, left: [] });
});

test('a feature without a site belongs to the first site', () => {
  expect(fitTo({ site: null, feature: 7, rows: [] }, info)).toEqual({ site: 3, feature: 7, rows: [], left: [] });
});

test('a site, a feature or an edit that the model lacks is left out and named', () => {
  expect(fitTo({ site: 9, feature: 7, rows: [] }, info)).toEqual({
    site: 3,
    feature: null,
    rows: [],
    left: ['No layer 9 in this model: layer 3 is shown.'],
  });
  expect(fitTo({ site: 3, feature: 50, rows: [] }, info).left).toEqual([
    'No feature 50 at layer 3: the strongest is shown.',
  ]);
  const rows = [addRow([], 77, 1, one), addRow([], 77, 2, one), addRow([], 3, 50, one), addRow([], 3, 1, one)].flat();
  const fitted = fitTo({ site: 3, feature: null, rows }, info);
  expect(fitted.rows.map((row) => row.feature)).toEqual([1]);
  expect(fitted.rows[0]!.layer).toBe(3);
  expect(fitted.left).toEqual(['2 edits left out: no layer 77.', '1 edit left out: no feature 3:50.']);
});

test('edits of a dictionary that is not open are kept, where it can be', () => {
  const closed = { ...info, sites: info.sites.slice(0, 1), openable: [3, 4] };
  const rows = [...addRow([], 4, 1, one), ...addRow([], 5, 1, one)];
  const fitted = fitTo({ site: 4, feature: 1, rows }, closed);
  expect(fitted).toEqual({
    site: 3,
    feature: null,
    rows: [{ ...rows[0], closed: true }],
    left: ['Layer 4 is not open: layer 3 is shown.', '1 edit left out: no layer 5.'],
  });
});

test('a strength that counts maxima becomes the engine’s; where no maximum is stored it stays as it is, and that is said', () => {
  const rows = addRow([], 3, 1, { strength: 3, unit: 'times' });
  expect(fitTo({ site: 3, feature: null, rows }, info)).toMatchObject({
    rows: [{ strength: 30, unit: 'max' }],
    left: [],
  });
  const plain = { ...info, sites: info.sites.map((site) => ({ ...site, maximum: null })) };
  expect(fitTo({ site: 3, feature: null, rows }, plain)).toMatchObject({
    rows: [{ strength: 3, unit: 'raw' }],
    left: ['Of 3:1 no maximum is stored: the link’s strength, which counts maxima, is taken as activation.'],
  });
  // Of a dictionary that is not open nobody knows yet.
  const closed = { ...info, sites: info.sites.slice(1) };
  expect(fitTo({ site: 4, feature: null, rows }, closed)).toMatchObject({
    rows: [{ strength: 3, unit: 'times', closed: true }],
    left: [],
  });
});
