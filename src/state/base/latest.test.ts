import { expect, test } from 'vitest';
import { Latest } from './latest';

/** A task that ends when told to, and a record of how many ran at once. */
function bench() {
  const ends: ((value: number) => void)[] = [];
  const signals: AbortSignal[] = [];
  let running = 0;
  let most = 0;
  const task = (signal: AbortSignal) => {
    signals.push(signal);
    most = Math.max(most, ++running);
    return new Promise<number>((resolve) => ends.push(resolve)).finally(() => running--);
  };
  return { ends, signals, task, most: () => most };
}

test('a storm of 200 requests starts two tasks, the first and the newest, never two at once, and paints only the newest', async () => {
  const latest = new Latest();
  const b = bench();
  const painted: string[] = [];
  const outcomes = Array.from({ length: 200 }, (_, i) =>
    latest.request(b.task, (value) => painted.push(`${i}:${value}`)),
  );
  expect(b.ends.length).toBe(1);
  b.ends[0]!(7);
  expect(await outcomes[0]).toBe(false);
  expect(b.ends.length).toBe(2);
  b.ends[1]!(8);
  expect(await Promise.all(outcomes)).toEqual([...Array(199).fill(false), true]);
  expect(painted).toEqual(['199:8']);
  expect(b.most()).toBe(1);
});

test('a newer request aborts the running task and its late result is not painted', async () => {
  const latest = new Latest();
  const b = bench();
  const painted: number[] = [];
  const first = latest.request(b.task, (v) => painted.push(v));
  const second = latest.request(b.task, (v) => painted.push(v));
  expect(b.signals[0]!.aborted).toBe(true);
  b.ends[0]!(1);
  expect(await first).toBe(false);
  b.ends[1]!(2);
  expect(await second).toBe(true);
  expect(painted).toEqual([2]);
});

test('cancel drops the running and the waiting task', async () => {
  const latest = new Latest();
  const b = bench();
  const painted: number[] = [];
  const both = [latest.request(b.task, (v) => painted.push(v)), latest.request(b.task, (v) => painted.push(v))];
  latest.cancel();
  b.ends[0]!(1);
  expect(await Promise.all(both)).toEqual([false, false]);
  expect(b.ends.length).toBe(1);
  expect(painted).toEqual([]);
  expect(latest.active).toBe(false);
});

test('a failure of the newest task rejects and does not break the chain; a failure of an overtaken one is silent', async () => {
  const latest = new Latest();
  await expect(
    latest.request(
      () => Promise.reject(new Error('no')),
      () => {},
    ),
  ).rejects.toThrow('no');
  const painted: number[] = [];
  const overtaken = latest.request(
    (signal) =>
      new Promise<number>((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
    (v) => painted.push(v),
  );
  const next = latest.request(
    async () => 5,
    (v) => painted.push(v),
  );
  expect(await overtaken).toBe(false);
  expect(await next).toBe(true);
  expect(painted).toEqual([5]);
});

test('with follow the running task finishes and is painted, those between are dropped, and the order holds', async () => {
  const latest = new Latest(true);
  const b = bench();
  const painted: number[] = [];
  const outcomes = [1, 2, 3].map(() => latest.request(b.task, (v) => painted.push(v)));
  expect(b.signals[0]!.aborted).toBe(false);
  b.ends[0]!(1);
  expect(await outcomes[0]).toBe(true);
  expect(painted).toEqual([1]);
  b.ends[1]!(3);
  expect(await Promise.all(outcomes)).toEqual([true, false, true]);
  expect(painted).toEqual([1, 3]);
  expect(b.most()).toBe(1);
  const cancelled = latest.request(b.task, (v) => painted.push(v));
  latest.cancel();
  b.ends[2]!(4);
  expect(await cancelled).toBe(false);
  expect(painted).toEqual([1, 3]);
});
