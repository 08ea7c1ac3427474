import { beforeEach, expect, test } from 'vitest';
import type { AskedFile } from './asked';
import { MORE_KEPT, type PageAsks, type WorkerSays } from './messages';
import { followRest, stopStoring, storeRest } from './rest';
import { offline } from './state';

/** A worker with two files, whose answers a test gives by hand. */
function fakeWorker() {
  const files: AskedFile[] = [
    { address: 'av', bytes: 60, kept: false },
    { address: 'ar', bytes: 40, kept: false },
  ];
  const ports = new Map<string, MessagePort>();
  const stopped: string[] = [];
  return {
    files,
    stopped,
    say: (address: string, says: WorkerSays) => ports.get(address)!.postMessage(says),
    asked: (address: string) => ports.has(address),
    keep: (address: string) => {
      files.find((file) => file.address === address)!.kept = true;
      ports.get(address)!.postMessage({ kept: true } satisfies WorkerSays);
    },
    postMessage: (asks: PageAsks, [port]: MessagePort[]) => {
      if (asks.about === 'list') port!.postMessage({ files } satisfies WorkerSays);
      else {
        ports.set(asks.address, port!);
        port!.onmessage = () => stopped.push(asks.address);
      }
    },
  };
}
const told = () => {
  let tell: (event: { data: unknown }) => void = () => {};
  return {
    addEventListener: (_: 'message', listener: typeof tell) => {
      tell = listener;
    },
    tell: (data: unknown) => tell({ data }),
  };
};

beforeEach(() => offline.setState({ offline: 'ready', newer: false, left: null, storing: null, failed: false }));

test('what is left is known at once, and anew when the worker keeps more', async () => {
  const [worker, container] = [fakeWorker(), told()];
  await followRest(worker, container);
  expect(offline.getState().left).toBe(100);
  worker.files[0]!.kept = true;
  container.tell('another message');
  container.tell(MORE_KEPT);
  await expect.poll(() => offline.getState().left).toBe(40);
});

test('a worker that does not know the question leaves it open', async () => {
  await followRest({ postMessage: () => {} }, told(), 5);
  expect(offline.getState().left).toBeNull();
});

test('the rest is stored file by file, with its bytes in all', async () => {
  const worker = fakeWorker();
  const done = storeRest(worker);
  await expect.poll(() => worker.asked('av')).toBe(true);
  worker.say('av', { loaded: 30 });
  await expect.poll(() => offline.getState().storing).toEqual({ loaded: 30, total: 100 });
  worker.keep('av');
  await expect.poll(() => worker.asked('ar')).toBe(true);
  worker.say('ar', { loaded: 10 });
  await expect.poll(() => offline.getState()).toMatchObject({ left: 40, storing: { loaded: 70, total: 100 } });
  worker.keep('ar');
  await done;
  expect(offline.getState()).toMatchObject({ left: 0, storing: null, failed: false });
});

test('stopped, the worker stops too, and nothing is called a failure; what failed is', async () => {
  const worker = fakeWorker();
  const stopped = storeRest(worker);
  await expect.poll(() => worker.asked('av')).toBe(true);
  stopStoring();
  await stopped;
  await expect.poll(() => worker.stopped).toEqual(['av']);
  expect(offline.getState()).toMatchObject({ storing: null, failed: false });
  const again = fakeWorker();
  const failed = storeRest(again);
  await expect.poll(() => again.asked('av')).toBe(true);
  again.say('av', { kept: false });
  await failed;
  expect(offline.getState()).toMatchObject({ storing: null, failed: true });
});

test('two presses are one storing', async () => {
  const worker = fakeWorker();
  let lists = 0;
  const counting = {
    postMessage: (asks: PageAsks, ports: MessagePort[]) => {
      if (asks.about === 'list') lists++;
      worker.postMessage(asks, ports);
    },
  };
  const both = [storeRest(counting), storeRest(counting)];
  await both[1];
  await expect.poll(() => worker.asked('av')).toBe(true);
  stopStoring();
  await both[0];
  expect(lists).toBe(1);
});

test('a worker that has not said what is left, or falls silent at work, is a failure; stopped before, none', async () => {
  await storeRest({ postMessage: () => {} }, 5);
  expect(offline.getState()).toMatchObject({ storing: null, failed: true });
  const stopped = storeRest({ postMessage: () => {} }, 5);
  stopStoring();
  await stopped;
  expect(offline.getState()).toMatchObject({ storing: null, failed: false });
  const silent = fakeWorker();
  await storeRest(silent, 5000, 20);
  expect(offline.getState()).toMatchObject({ storing: null, failed: true });
  await expect.poll(() => silent.stopped).toEqual(['av']);
});
