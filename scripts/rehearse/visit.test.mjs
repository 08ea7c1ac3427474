import { expect, test } from 'vitest';
import { downloadsOf, Stages, shareOf } from './visit.mjs';

test('the time until the next look belongs to the line that changed last', () => {
  const stages = new Stages(0);
  stages.note([['Start', '']], 1000);
  stages.note([['Download', '1.00 of 3.44 GB']], 2000);
  stages.note([['Download', '2.00 of 3.44 GB']], 4000);
  stages.note(
    [
      ['Download', '3.44 of 3.44 GB'],
      ['Compile', ''],
    ],
    5000,
  );
  // The dictionary's download is the same line again.
  stages.note(
    [
      ['Download', '100 of 537 MB'],
      ['Compile', ''],
    ],
    7000,
  );
  stages.note([], 8000);
  expect(stages.list).toEqual([
    { name: 'Start', seconds: 1 },
    { name: 'Download', seconds: 4 },
    { name: 'Compile', seconds: 2 },
  ]);
});

test('a share of what is stated', () => {
  expect(shareOf('18.2 MB/s, 3 min left1.72 of 3.44 GB')).toBeCloseTo(0.5);
  expect(shareOf('')).toBe(0);
});

test('requests of one file are one download; small files are none', () => {
  const log = [
    { path: '/cdn/Qwen/a/model.safetensors', sent: 2e6, seconds: 1 },
    { path: '/api/models/Qwen/a', sent: 800, seconds: 0.1 },
    { path: '/cdn/Qwen/a/model.safetensors', sent: 1e6, seconds: 2 },
  ];
  expect(downloadsOf(log)).toEqual([{ name: 'download and convert model.safetensors', seconds: 3, bytes: 3e6 }]);
});
