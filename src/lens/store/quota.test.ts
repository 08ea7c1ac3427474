import { expect, test } from 'vitest';
import { MissingFileError, StorageFullError, StoreUnavailableError } from '../api/errors';
import { ensureRoom, storageError, usageOf } from './quota';

const room = (quota: number, usage: number) => ({ estimate: async () => ({ quota, usage }) });

test('five in a hundred more than the bytes must be free', async () => {
  await ensureRoom(room(1050, 0), 1000);
  await expect(ensureRoom(room(1049, 0), 1000)).rejects.toThrow(StorageFullError);
  await expect(ensureRoom(room(3e9, 2e9), 1.5e9)).rejects.toThrow(
    "1.57 GB are needed in this browser's store and 1.00 GB are free",
  );
  await expect(ensureRoom(room(100, 200), 1)).rejects.toMatchObject({ fields: { needed: 2, free: 0 } });
});

test('nothing is asked where nothing is needed, and nothing refused where nothing is known', async () => {
  const never = { estimate: () => Promise.reject(new Error('asked')) };
  await ensureRoom(never, 0);
  await ensureRoom({ estimate: async () => ({}) }, 1e12);
});

test('the browser is asked to keep the store, and may refuse', async () => {
  let asked = 0;
  const persist = () => {
    asked++;
    return Promise.reject(new Error('no'));
  };
  await ensureRoom({ ...room(1e9, 0), persist }, 1);
  expect(asked).toBe(1);
});

test('usage, where a browser says nothing', async () => {
  expect(await usageOf({ estimate: async () => ({}) })).toEqual({ used: 0, quota: 0, persisted: false });
});

test('what the browser throws gets a name of ours', () => {
  expect(storageError(new DOMException('', 'QuotaExceededError'))).toBeInstanceOf(StorageFullError);
  expect(storageError(new DOMException('', 'SecurityError'))).toBeInstanceOf(StoreUnavailableError);
  const ours = new MissingFileError('x');
  expect(storageError(ours)).toBe(ours);
});
