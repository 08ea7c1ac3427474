import { expect, test } from 'vitest';
import type { GeneratedRow } from '../lens/api/generate';
import { toCsv } from '../ui/csv';
import { hitTable, pairTable, parityTable, rankingTable, runTable, tokenTable } from './tables';

const row = (rest: Partial<GeneratedRow>): GeneratedRow => ({
  token: 1,
  text: ' a',
  logprob: -1,
  codes: {},
  acted: 0,
  change: 0,
  norm: 10,
  kl: null,
  surprisal: null,
  done: null,
  ...rest,
});
const streams = {
  baseline: [row({}), row({ text: '汉', logprob: -2 })],
  steered: [row({ kl: 0.5, surprisal: 2, acted: 1, change: 4 }), row({ kl: 1.5, surprisal: 4, acted: 0 })],
  control: null,
};

test('a run’s figures are those of its texts; the baseline has no change', () => {
  expect(runTable(streams).rows).toEqual([
    ['baseline', null, Math.exp(1.5), 2, null, null, null],
    ['steered', 1, Math.exp(3), 2, 1, 4, 0.4],
  ]);
});

test('token by token: a row a token of each text that there is', () => {
  const { columns, rows } = tokenTable(streams);
  expect(rows).toHaveLength(4);
  expect(rows[1]).toEqual(['baseline', 1, '汉', -2, null, null, 0, 0, 10]);
  for (const one of rows) expect(one).toHaveLength(columns.length);
});

test('the listed features and the parity report are saved as listed', () => {
  const ranking = { rows: [{ id: 7, value: 3, position: 2, mean: 1, count: 2, relative: 0.5 }], active: 9, dense: 0 };
  expect(toCsv(rankingTable(3, ranking, (id) => `name of ${id}`))).toContain('\r\n3,7,name of 7,3,2,1,2,0.5\r\n');
  const one = {
    name: 'English',
    ok: true,
    residual: 1e-6,
    logit: 1e-5,
    fvu: 0,
    mismatches: 0,
    worst: 'site 3, token 2',
  };
  expect(parityTable([one]).rows).toEqual([['English', true, 1e-6, 1e-5, 0, 0, 'site 3, token 2']]);
});

test('pairs say what is not known as nothing, and a search’s hits what matched', () => {
  const rows = [
    { id: 1, from: 2, to: 0.5 },
    { id: 2, from: null, to: 3 },
  ];
  expect(pairTable('contrast', ['mean_a', 'mean_b'], 3, rows, () => null)).toEqual({
    name: 'lenslet-contrast',
    columns: ['layer', 'feature', 'name', 'mean_a', 'mean_b', 'difference'],
    rows: [
      [3, 1, null, 2, 0.5, -1.5],
      [3, 2, null, null, 3, null],
    ],
  });
  const hit = {
    layer: 2,
    id: 9,
    label: null,
    precision: null,
    density: 0.1,
    dense: false,
    token: { text: '的', rank: 1, asked: true },
    said: null,
  };
  expect(hitTable([hit]).rows).toEqual([[2, 9, null, null, 0.1, '的', 1, null]]);
});
