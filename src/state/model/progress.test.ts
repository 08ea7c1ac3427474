import { expect, test } from 'vitest';
import type { Progress } from '../../lens/api/open';
import {
  amountSays,
  durationSays,
  leftSays,
  noteTransfer,
  paceSays,
  rateOf,
  secondsLeft,
  type Transfer,
  withProgress,
} from './progress';

const report = (loaded: number, total = 1000e6): Progress => ({ stage: 'download', loaded, total });
const after = (samples: [at: number, loaded: number][]): Transfer | null =>
  samples.reduce<Transfer | null>((transfer, [at, loaded]) => noteTransfer(transfer, report(loaded), at), null);

test('the rate is of the last ten seconds alone, and of what was kept before nothing', () => {
  // 400 MB were there already; then 1 MB/s for ten seconds, then 20 MB/s for ten.
  const steps = Array.from({ length: 41 }, (_, i): [number, number] => [
    i * 500,
    i <= 20 ? 400e6 + i * 0.5e6 : 410e6 + (i - 20) * 10e6,
  ]);
  expect(rateOf(after(steps.slice(0, 21)), 10_000)).toBe(1e6);
  expect(rateOf(after(steps), 20_000)).toBe(20e6);
});

test('nothing is said in the first second; a connection that stands still runs down to nothing', () => {
  expect(
    rateOf(
      after([
        [0, 0],
        [500, 5e6],
      ]),
      500,
    ),
  ).toBeNull();
  const stalled = after([
    [0, 0],
    [1000, 10e6],
  ]);
  expect(rateOf(stalled, 5000)).toBe(2e6);
  expect(rateOf(stalled, 10_900)).toBe(0);
  expect(rateOf(stalled, 12_000)).toBeNull();
});

test('many reports a second leave few samples, and the newest bytes', () => {
  const transfer = after(Array.from({ length: 1000 }, (_, i): [number, number] => [i * 10, i * 1e5]))!;
  expect(transfer.samples.length).toBeLessThan(45);
  expect(transfer.samples.at(-1)).toEqual({ at: 9990, loaded: 99_900_000 });
  expect(rateOf(transfer, 9990)).toBeCloseTo(1e7, 0);
});

test('another stage, and one that begins anew, is another transfer', () => {
  const first = after([
    [0, 50],
    [1000, 60],
  ]);
  expect(noteTransfer(first, { stage: 'upload', loaded: 5, total: 9 }, 2000).samples).toEqual([
    { at: 2000, loaded: 5 },
  ]);
  expect(noteTransfer(first, report(10), 2000).samples).toEqual([{ at: 2000, loaded: 10 }]);
});

test('the line of a stage: speed, time left, or why it stands still', () => {
  const transfer = after([
    [0, 100e6],
    [5000, 200e6],
  ]);
  expect(paceSays(report(200e6), transfer, 5000)).toBe('20.0 MB/s, 40 s left');
  expect(paceSays(report(200e6, 0), transfer, 5000)).toBe('');
  expect(paceSays({ stage: 'wait', loaded: 0, total: 0 }, null, 0)).toBe('this one waits for it');
  expect(paceSays({ stage: 'compile', loaded: 1, total: 3 }, transfer, 5000)).toBe('');
  expect(paceSays(report(1000e6), transfer, 5000)).toBe('');
  expect(secondsLeft(report(200e6), null)).toBeNull();
});

test('durations, and how far a stage is', () => {
  expect([3, 41, 54, 55, 89, 720, 3600, 4790].map(durationSays)).toEqual([
    '10 s',
    '50 s',
    '60 s',
    '1 min',
    '1 min',
    '12 min',
    '1 h',
    '1 h 20 min',
  ]);
  expect(amountSays({ stage: 'compile', loaded: 1, total: 3 })).toBe('1 of 3 parts');
});

test('a download that ended early says what is kept of it, and others say nothing', () => {
  expect(leftSays([{ stage: 'config', loaded: 1, total: 1 }, report(410e6)])).toBe(
    '0.41 of 1.00 GB are kept: opened again, the download goes on from there.',
  );
  expect([
    leftSays([]),
    leftSays([report(0)]),
    leftSays([{ stage: 'weights', loaded: 5, total: 9 }]),
    leftSays([report(1000e6)]),
  ]).toEqual(['', '', '', '']);
});

test('a stage is one line, where it first came', () => {
  const a = withProgress([], { stage: 'config', loaded: 1, total: 1 });
  const b = withProgress(a, { stage: 'weights', loaded: 1, total: 9 });
  expect(withProgress(b, { stage: 'weights', loaded: 5, total: 9 })).toEqual([
    { stage: 'config', loaded: 1, total: 1 },
    { stage: 'weights', loaded: 5, total: 9 },
  ]);
});
