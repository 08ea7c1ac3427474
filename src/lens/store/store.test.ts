import { expect, test } from 'vitest';
import { StoreUnavailableError } from '../api/errors';
import { lensStore, Store } from './store';

test('where nothing can be kept a store says so', async () => {
  await expect(Store.open()).rejects.toThrow(StoreUnavailableError);
  await expect(lensStore().list()).rejects.toThrow(StoreUnavailableError);
});
