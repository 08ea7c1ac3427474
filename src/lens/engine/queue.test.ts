import { expect, test } from 'vitest';
import { DeviceLostError, DisposedError } from '../api/errors';
import { Queue } from './queue';

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

test('tasks never overlap and keep their order', async () => {
  const queue = new Queue();
  const log: string[] = [];
  let running = 0;
  const task = (name: string, ms: number) =>
    queue.run(async () => {
      expect(++running).toBe(1);
      await later(ms);
      running--;
      log.push(name);
      return name;
    });
  expect(await Promise.all([task('slow', 20), task('quick', 0), task('last', 5)])).toEqual(['slow', 'quick', 'last']);
  expect(log).toEqual(['slow', 'quick', 'last']);
});

test('a task that fails does not stop those behind it', async () => {
  const queue = new Queue();
  const failing = queue.run(() => Promise.reject(new Error('no')));
  const next = queue.run(async () => 'yes');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

test('a break rejects what runs, what waits and what comes', async () => {
  const queue = new Queue();
  const never = queue.run(() => new Promise(() => {}));
  const waiting = queue.run(async () => 1);
  await later(0);
  queue.break(new DeviceLostError('gone'));
  for (const task of [never, waiting, queue.run(async () => 2)]) await expect(task).rejects.toThrow(DeviceLostError);
});

test('an end lets the running task finish, runs its last task, and rejects the rest', async () => {
  const queue = new Queue();
  const log: string[] = [];
  const running = queue.run(async () => {
    await later(10);
    log.push('running');
  });
  const waiting = queue.run(async () => log.push('waiting'));
  await later(0);
  const ended = queue.end(new DisposedError('closed'), async () => {
    log.push('last');
  });
  await expect(waiting).rejects.toThrow(DisposedError);
  await running;
  await ended;
  await expect(queue.run(async () => 1)).rejects.toThrow(DisposedError);
  expect(log).toEqual(['running', 'last']);
});
