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
  const loss = lossOn('a text', 2.5, {
    f16: { more: 1e-6, error: 2e-5 },
    q8: { more: -0.0004, error: 0.0007 },
    q4: { more: 0.195, error: 0.004 },
  });
  // What its error does not tell from nothing is given as the most that it may be.
  expect(loss.cells).toEqual({ f16: 'under 0.00005', q8: 'under 0.002', q4: '+0.1950' });
  expect(loss.says).toBe('Loss: what a format adds to the 2.500 nats a token of float32, measured on a text.');
});
