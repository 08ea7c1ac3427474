import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lossOn, MINI_LOSS, SHARED, sharedSays } from './formats';

test('what a format shares with float32 is what was measured', () => {
  const { formats } = JSON.parse(readFileSync('docs/quantisation.json', 'utf8')) as {
    formats: { name: string; sites: { jaccard: number }[] }[];
  };
  const round = (share: number) => Math.round(share * 100) / 100;
  for (const format of ['q4', 'q8', 'f16'] as const) {
    const shares = formats.find(({ name }) => name === format)!.sites.map(({ jaccard }) => jaccard);
    expect(SHARED[format], format).toEqual([round(Math.min(...shares)), round(Math.max(...shares))]);
  }
  expect([sharedSays('q4'), sharedSays('q8'), sharedSays('f16')]).toEqual(['77 to 83 %', '97 to 98 %', '100 %']);
});

test('what was measured on a model itself stands in place of lenslet-mini’s figures, and says on which weights', () => {
  expect(MINI_LOSS).toMatchObject({ heading: 'Features shared', says: expect.stringContaining('lenslet-mini') });
  const loss = lossOn('A model as it was published', { f32: 2.5, f16: 2.5001, q8: 2.4996 });
  expect(loss.cells).toEqual({ f16: '+0.0001', q8: '−0.0004' });
  expect(loss.says).toBe('Loss: nats a token beside 2.500 with float32, measured on A model as it was published.');
});
