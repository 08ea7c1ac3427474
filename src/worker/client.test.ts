import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DeviceLostError, EngineCrashedError } from '../lens/errors';
import { Channel, type Port } from './channel';
import { watch } from './client';
import type { Request } from './messages';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A worker that answers pings while `alive` says so. */
function bench(alive: () => boolean) {
  const port: Port & { ended: boolean } = {
    ended: false,
    onmessage: null,
    postMessage(request: Request) {
      if (alive()) queueMicrotask(() => port.onmessage?.({ data: { id: request.id, result: null } } as MessageEvent));
    },
    terminate() {
      port.ended = true;
    },
  };
  const lost: string[] = [];
  const channel = new Channel(port, ({ reason }) => lost.push(reason));
  return { port, channel, lost };
}

test('a worker that answers lives, however slowly the page’s timers run', async () => {
  const { port, channel } = bench(() => true);
  watch(channel, () => {});
  await vi.advanceTimersByTimeAsync(600_000);
  expect(port.ended).toBe(false);
});

test('a worker that stops answering is ended, and every call of it rejects with the device’s loss', async () => {
  let alive = true;
  const { port, channel } = bench(() => alive);
  const lost: string[] = [];
  watch(channel, ({ message }) => lost.push(message));
  await vi.advanceTimersByTimeAsync(20_000);
  alive = false;
  const waiting = expect(channel.call('tokenize', { text: 'a' })).rejects.toThrow(DeviceLostError);
  await vi.advanceTimersByTimeAsync(60_000);
  await waiting;
  expect(port.ended).toBe(true);
  expect(lost).toHaveLength(1);
  await expect(channel.call('tokenize', { text: 'a' })).rejects.toThrow(DeviceLostError);
});

test('a crashed worker is a named error and counts as lost', async () => {
  const { port, channel, lost } = bench(() => false);
  const waiting = expect(channel.call('tokenize', { text: 'a' })).rejects.toThrow(EngineCrashedError);
  port.onerror?.({ message: 'boom' } as ErrorEvent);
  await waiting;
  expect(lost).toEqual(['crashed']);
});
