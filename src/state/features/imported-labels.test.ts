import { expect, it } from 'vitest';
import { createSession } from '../model/session';
import { fakeLens } from '../testing/lens';
import { createImportedLabels, type LabelsDb, setKey } from './imported-labels';
import { createLabels, labelOf } from './labels';

function fakeDb(kept: unknown[] = []): LabelsDb & { kept: Map<string, unknown> } {
  const map = new Map(kept.map((one, i) => [(one as { key?: string } | null)?.key ?? String(i), one]));
  return {
    kept: map,
    read: async () => ({ labels: [...map.values()] }),
    write: async ({ labels }) => {
      for (const [key, value] of labels) value === null ? map.delete(key) : map.set(key, value);
    },
    onChange: () => {},
    close: () => {},
  };
}

const { info } = fakeLens();
const [site] = info.sites;
const row = (index: number, description: string) =>
  JSON.stringify({ modelId: 'm', layer: '3-res', index, description });
const file = (name: string, ...rows: string[]) => new File([rows.join('\n')], name);

function made(db = fakeDb()) {
  const labels = createLabels(createSession(async () => fakeLens()));
  const imported = createImportedLabels(
    labels,
    async () => db,
    () => '2026-01-01T00:00:00.000Z',
  );
  return { db, labels, imported, label: (id: number) => labelOf(labels.store.getState().sites, 3, id) };
}

it('shows what files say, counts what they do not, and the newer file counts', async () => {
  const { db, imported, label } = made();
  imported.apply(info);
  await imported.read(info, site!, [
    file('a.jsonl', row(1, 'old'), row(2, 'two')),
    file('b.jsonl', row(1, 'new'), row(999, 'x')),
  ]);
  expect([label(1), label(2), label(3)]).toEqual(['new', 'two', null]);
  expect(imported.store.getState()).toMatchObject({
    says: '1 label from b.jsonl; left out: 1 of ids that it lacks.',
    error: null,
  });
  await imported.flush();
  expect([...db.kept.values()]).toEqual([
    {
      key: setKey(info, 3),
      files: ['a.jsonl', 'b.jsonl'],
      of: ['m 3-res'],
      at: '2026-01-01T00:00:00.000Z',
      labels: [
        [1, 'new'],
        [2, 'two'],
      ],
    },
  ]);
});

it('has them again when the dictionary is opened again, of no other dictionary, and leaves damaged records alone', async () => {
  const set = {
    key: setKey(info, 3),
    files: ['a'],
    of: [],
    at: '',
    labels: [
      [1, 'kept'],
      [49, 'last'],
      [50, 'beyond'],
    ],
  };
  const { imported, label } = made(
    fakeDb([set, null, { ...set, key: 'x', labels: [[-1, 'x']] }, { ...set, key: 'other' }]),
  );
  imported.apply(info);
  await imported.need();
  expect([label(1), label(49)]).toEqual(['kept', 'last']);
  expect(imported.store.getState().sets.size).toBe(2);
  const { imported: elsewhere, label: other } = made(fakeDb([set]));
  elsewhere.apply({ ...info, sites: [{ ...site!, sha256: 'e'.repeat(64) }] });
  await elsewhere.need();
  expect(other(1)).toBeNull();
});

it('takes them away again, on the page and in the browser', async () => {
  const { db, imported, label } = made();
  imported.apply(info);
  await imported.read(info, site!, [file('a.jsonl', row(1, 'one'))]);
  imported.remove(info, 3);
  await imported.flush();
  expect([label(1), db.kept.size]).toEqual([null, 0]);
});

it('refuses a file by name, and keeps what was there', async () => {
  const { imported, label } = made();
  imported.apply(info);
  await imported.read(info, site!, [file('a.jsonl', row(1, 'one'))]);
  await imported.read(info, site!, [file('b.jsonl', 'nothing')]);
  expect(imported.store.getState().error).toMatchObject({
    name: 'WrongFileError',
    message: expect.stringContaining('b.jsonl'),
  });
  expect(label(1)).toBe('one');
});
