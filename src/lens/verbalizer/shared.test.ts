import { expect, test, vi } from 'vitest';
import { AbortedError, DisposedError } from '../api/errors';
import { type LoadOptions, SharedLoad } from './shared';

/** A load that ends when told to, and stops on its signal. `late`: the signal comes after the last place where the load
 *  looks at it. */
function manual({ late = false } = {}) {
  const loads: { options: LoadOptions; end: (name: string) => void; fail: (error: Error) => void }[] = [];
  const released: string[] = [];
  const shared = new SharedLoad(
    (options) =>
      new Promise<{ name: string; release(): Promise<void> }>((resolve, fail) => {
        const end = (name: string) => resolve({ name, release: async () => void released.push(name) });
        loads.push({ options, end, fail });
        if (!late) options.signal!.addEventListener('abort', () => fail(new AbortedError('Stopped.')));
      }),
  );
  const begun = (count: number) => vi.waitFor(() => expect(loads).toHaveLength(count), { timeout: 120_000 });
  return { shared, loads, released, begun };
}

test('all who ask wait for one load, and hear of its progress', async () => {
  const { shared, loads, begun } = manual();
  const heard: number[] = [];
  const all = Promise.all([
    shared.get({ onProgress: ({ loaded }) => heard.push(loaded) }),
    shared.get({ onProgress: ({ loaded }) => heard.push(-loaded) }),
  ]);
  await begun(1);
  loads[0]!.options.onProgress!({ loaded: 5, total: 9 });
  loads[0]!.end('pair');
  expect(await all).toMatchObject([{ name: 'pair' }, { name: 'pair' }]);
  expect(heard).toEqual([5, -5]);
  expect(await shared.get()).toMatchObject({ name: 'pair' });
  expect(loads).toHaveLength(1);
  expect(shared.now).toMatchObject({ name: 'pair' });
});

test('who leaves does not stop the others’ load; when the last has left it stops', async () => {
  const { shared, loads, begun } = manual();
  const [first, second] = [new AbortController(), new AbortController()];
  const one = shared.get({ signal: first.signal });
  const two = shared.get({ signal: second.signal });
  await begun(1);
  first.abort();
  await expect(one).rejects.toThrow(AbortedError);
  expect(loads[0]!.options.signal!.aborted).toBe(false);
  second.abort();
  await expect(two).rejects.toThrow(AbortedError);
  expect(loads[0]!.options.signal!.aborted).toBe(true);
  const again = shared.get();
  await begun(2);
  loads[1]!.end('again');
  expect(await again).toMatchObject({ name: 'again' });
});

test('a load that comes to its end although all have left serves the next: there are never two at once', async () => {
  const { shared, loads, released, begun } = manual({ late: true });
  const control = new AbortController();
  const left = shared.get({ signal: control.signal });
  await begun(1);
  control.abort();
  await expect(left).rejects.toThrow(AbortedError);
  const next = shared.get();
  // A second load would begin in this turn, and nobody would end it.
  await new Promise((turn) => setTimeout(turn));
  expect(loads).toHaveLength(1);
  loads[0]!.end('late');
  expect(await next).toMatchObject({ name: 'late' });
  await shared.release();
  expect(released).toEqual(['late']);
});

test('a load that failed is tried again', async () => {
  const { shared, loads, begun } = manual();
  const failed = shared.get();
  await begun(1);
  loads[0]!.fail(new Error('offline'));
  await expect(failed).rejects.toThrow('offline');
  const again = shared.get();
  await begun(2);
  loads[1]!.end('pair');
  expect(await again).toMatchObject({ name: 'pair' });
});

test('a signal that is already gone asks for nothing', async () => {
  const { shared, loads } = manual();
  await expect(shared.get({ signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  await Promise.resolve();
  expect(loads).toHaveLength(0);
});

test.each([false, true])(
  'released under way, nothing is kept, and who waits or comes is told that it is closed (late: %s)',
  async (late) => {
    const { shared, loads, released, begun } = manual({ late });
    const waiting = shared.get();
    await begun(1);
    const over = shared.release();
    expect(loads[0]!.options.signal!.aborted).toBe(true);
    loads[0]!.end('pair');
    await expect(waiting).rejects.toThrow(DisposedError);
    await over;
    expect([shared.now, released]).toEqual([null, late ? ['pair'] : []]);
    await expect(shared.get()).rejects.toThrow(DisposedError);
  },
);
