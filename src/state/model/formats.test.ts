import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SHARED, sharedSays } from './formats';

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
