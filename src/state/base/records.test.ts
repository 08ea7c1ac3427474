import { expect, test, vi } from 'vitest';
import { createRecordKeeper, opening, type RecordsState } from './records';
import type { RecordsDb } from './records-db';

const database = (notes: unknown[]): RecordsDb<'notes'> => ({
  read: async () => ({ notes }),
  write: async () => {},
  onChange: () => {},
  close: () => {},
});

/** A keeper of notes over a database that holds these values. */
async function kept(values: unknown[]) {
  const parsers = vi.fn(async () => ({ notes: (value: unknown) => [String(value), { value }] as const }));
  let shown: ReadonlyMap<string, unknown> = new Map();
  let state: RecordsState = opening;
  const keeper = createRecordKeeper<{ notes: { value: unknown } }>(async () => database(values), {
    kinds: ['notes'],
    parsers,
    settle: (records) => records,
    show: ({ notes }) => {
      shown = notes;
    },
    state: () => state,
    says: (change) => {
      state = { ...state, ...change };
    },
  });
  await keeper.ready;
  keeper.close();
  return { parsers: parsers.mock.calls.length, shown: [...shown.keys()], storage: state.storage };
}

test('parsers are loaded for what is kept, and for nothing they are not', async () => {
  expect(await kept(['a', 'b'])).toEqual({ parsers: 1, shown: ['a', 'b'], storage: 'kept' });
  expect(await kept([])).toEqual({ parsers: 0, shown: [], storage: 'kept' });
});
