import { expect, test } from 'vitest';
import { AbortedError } from '../errors';
import { type LoadOptions, SharedLoad } from './shared';

/** A load that ends when told to, and stops when its signal does. */
function manual() {
  const loads: { options: LoadOptions; end: (value: string) => void; fail: (error: Error) => void }[] = [];
  const shared = new SharedLoad<string>(
    (options) =>
      new Promise((end, fail) => {
        loads.push({ options, end, fail });
        options.signal!.addEventListener('abort', () => fail(new AbortedError('Stopped.')));
      }),
  );
  return { shared, loads };
}

test('all who ask wait for one load, and hear of its progress', async () => {
  const { shared, loads } = manual();
  const heard: number[] = [];
  const all = Promise.all([shared.get({ onProgress: ({ loaded }) => heard.push(loaded) }), shared.get({ onProgress: ({ loaded }) => heard.push(-loaded) })]);
  expect(loads).toHaveLength(1);
  loads[0]!.options.onProgress!({ loaded: 5, total: 9 });
  loads[0]!.end('pair');
  expect(await all).toEqual(['pair', 'pair']);
  expect(heard).toEqual([5, -5]);
  expect(await shared.get()).toBe('pair');
  expect(loads).toHaveLength(1);
  expect(shared.now).toBe('pair');
});

test('who leaves does not stop the others’ load; when the last has left it stops', async () => {
  const { shared, loads } = manual();
  const [first, second] = [new AbortController(), new AbortController()];
  const one = shared.get({ signal: first.signal });
  const two = shared.get({ signal: second.signal });
  first.abort();
  await expect(one).rejects.toThrow(AbortedError);
  expect(loads[0]!.options.signal!.aborted).toBe(false);
  second.abort();
  await expect(two).rejects.toThrow(AbortedError);
  expect(loads[0]!.options.signal!.aborted).toBe(true);
  const again = shared.get();
  expect(loads).toHaveLength(2);
  loads[1]!.end('again');
  expect(await again).toBe('again');
});

test('a load that failed is tried again', async () => {
  const { shared, loads } = manual();
  const failed = shared.get();
  loads[0]!.fail(new Error('offline'));
  await expect(failed).rejects.toThrow('offline');
  const again = shared.get();
  loads[1]!.end('pair');
  expect(await again).toBe('pair');
});

test('a signal that is already gone asks for nothing', async () => {
  const { shared, loads } = manual();
  const signal = AbortSignal.abort();
  await expect(shared.get({ signal })).rejects.toThrow(AbortedError);
  expect(loads).toHaveLength(0);
});
