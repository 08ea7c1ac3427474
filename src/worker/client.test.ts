import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DeviceLostError, DisposedError, EngineCrashedError, InvalidOptionError } from '../lens/api/errors';
import { Channel, type Port } from './channel';
import { openLens, watch } from './client';
import type { Request } from './messages';
import { EngineSession } from './session';

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

test('a lens that another took the place of asks the worker nothing more, and cannot end it', async () => {
  const { port, channel } = bench(() => true);
  const first = new EngineSession(channel);
  const second = first.succeed();
  await expect(first.call('tokenize', { text: 'a' })).rejects.toThrow(DisposedError);
  expect(() => first.stream('generate', { prompt: 'a' })).toThrow(DisposedError);
  first.end(new DisposedError('closed'));
  expect(port.ended).toBe(false);
  await second.call('ping', {});
  second.end(new DisposedError('closed'));
  expect(port.ended).toBe(true);
});

test.each([
  ['asyncify', 'webgpu', true],
  ['asyncify', 'wasm', false],
  ['jspi', 'webgpu', false],
])('an engine of %s on %s is listened to: %s', async (runtime, provider, listened) => {
  let pings = 0;
  const port: Port = {
    onmessage: null,
    postMessage(request: Request) {
      if (request.call === 'ping') pings++;
      queueMicrotask(() =>
        port.onmessage?.({
          data: { id: request.id, result: { runtime, provider, sites: [] } },
        } as unknown as MessageEvent),
      );
    },
    terminate() {},
  };
  const lens = await openLens('http://a.example/', {}, port);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(pings > 0).toBe(listened);
  await lens.close();
});

test('what is no address is refused by name, and its worker ended', async () => {
  const { port } = bench(() => true);
  await expect(openLens('http://', {}, port)).rejects.toThrow(InvalidOptionError);
  expect(port.ended).toBe(true);
});
