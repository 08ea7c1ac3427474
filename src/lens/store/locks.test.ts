import { afterEach, expect, test, vi } from 'vitest';
import { tryLock, withLock } from './locks';

afterEach(() => vi.unstubAllGlobals());

test('without locks a task runs at once', async () => {
  vi.stubGlobal('navigator', {});
  const onWait = vi.fn();
  expect(
    await withLock('a', 'exclusive', { onWait }, async () => withLock('a', 'exclusive', { onWait }, async () => 1)),
  ).toBe(1);
  expect(await tryLock('a', 'exclusive', async () => 2)).toEqual({ value: 2 });
  expect(onWait).not.toHaveBeenCalled();
});
