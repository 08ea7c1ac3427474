import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BEGIN, logged, loggedRow } from '../testing/log';
import { createLog, type LogDb, openLogDb, type VerbalLog } from './log';
import { recordOf } from './record';

let name = '';
let open: VerbalLog[] = [];
const LATER = BEGIN + 86_400_000;
/** A page over the test's database. */
const page = (db: () => Promise<LogDb> = () => openLogDb(name), most = 50) => {
  const log = createLog(db, { now: () => LATER, most });
  open.push(log);
  return log;
};
const ready = async (...of: Parameters<typeof page>) => {
  const log = page(...of);
  await log.need();
  return log;
};
const record = (i: number, rest = {}) => ({ ...recordOf(logged(i)), ...rest });
const ids = (log: VerbalLog) => log.store.getState().entries.map(({ id }) => id);
const until = async (what: () => boolean) => {
  for (let i = 0; i < 200 && !what(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(what()).toBe(true);
};

beforeEach(() => {
  name = `log ${Math.random()}`;
});
afterEach(() => {
  for (const log of open) log.close();
  open = [];
});

test('nothing is opened before the log is needed', () => {
  let asked = 0;
  const log = page(() => {
    asked++;
    return openLogDb(name);
  });
  expect(asked).toBe(0);
  expect(log.store.getState()).toMatchObject({ storage: 'opening', entries: [] });
});

test('what was verbalized is there again when the page is, newest first', async () => {
  // Added before anything was read: what is kept is not lost under it, nor it under what is kept.
  const first = page();
  first.add([record(1), record(2)]);
  await first.need();
  await first.flush();
  expect(first.store.getState()).toMatchObject({ storage: 'kept', saving: false });
  const second = page();
  second.add([record(3)]);
  await second.need();
  await second.flush();
  const third = await ready();
  expect(ids(third)).toEqual(['id 3', 'id 2', 'id 1']);
  expect(recordOf(third.store.getState().entries[2]!)).toEqual(record(1));
  expect(third.store.getState().entries[0]).toMatchObject({ added: LATER, pinned: false });
});

test('a verbalization that comes again is one row, as it is now, and stays pinned', async () => {
  const log = await ready();
  log.add([record(1)]);
  log.pin('id 1', true);
  const more = record(1);
  log.add([{ ...more, samples: [...more.samples, more.samples[0]!] }]);
  expect(log.store.getState().entries).toMatchObject([{ id: 'id 1', pinned: true, samples: { length: 3 } }]);
});

test('where it is full the oldest that is not pinned goes, also where it is kept', async () => {
  const log = await ready(undefined, 3);
  log.add([record(1), record(2), record(3)]);
  log.pin('id 1', true);
  log.add([record(4)]);
  expect(ids(log)).toEqual(['id 4', 'id 3', 'id 1']);
  await log.flush();
  const db = await openLogDb(name);
  expect((await db.read()).entries).toHaveLength(3);
  db.close();
});

test('rows over the limit, which two tabs may leave, go when the log is read; so do times that have not come', async () => {
  const db = await openLogDb(name);
  const late = logged(9, { when: LATER + 5, added: LATER + 9 });
  const rows = [logged(0), logged(1), logged(2), late];
  await db.write({ entries: new Map(rows.map((entry) => [entry.id, entry])) });
  const log = await ready(undefined, 3);
  expect(ids(log)).toEqual(['id 9', 'id 2', 'id 1']);
  await log.flush();
  const { entries } = await db.read();
  expect(entries).toHaveLength(3);
  expect(entries).toContainEqual({ ...late, when: LATER, added: LATER });
  db.close();
});

test('a record of another version is passed over and left, and the rest is read', async () => {
  const db = await openLogDb(name);
  await db.write({
    entries: new Map<string, unknown>([
      ['a', { format: 9 }],
      ['b', 'x'],
      ['id 1', logged(1)],
    ]),
  });
  expect(ids(await ready())).toEqual(['id 1']);
  expect((await db.read()).entries).toHaveLength(3);
  db.close();
});

test('what is deleted, a row or all, can be put back over what has been added since', async () => {
  const log = await ready();
  log.add([record(1), record(2), record(3)]);
  log.remove(new Set(['id 2', 'absent']));
  expect(ids(log)).toEqual(['id 3', 'id 1']);
  expect(log.store.getState().removed).toEqual([expect.objectContaining({ id: 'id 2' })]);
  log.putBack();
  expect(ids(log)).toEqual(['id 3', 'id 2', 'id 1']);
  expect(log.store.getState().removed).toBeNull();
  log.remove(new Set(ids(log)));
  await log.flush();
  expect(ids(await ready())).toEqual([]);
  log.add([record(4)]);
  log.putBack();
  await log.flush();
  expect(ids(await ready())).toEqual(['id 4', 'id 3', 'id 2', 'id 1']);
});

test('an import adds what is new, changes nothing that is here, and takes no row’s place', async () => {
  const before = await ready();
  before.add([record(1)]);
  await before.flush();
  // Asked before what is kept has been read.
  const log = page(undefined, 4);
  const edited = logged(1, { samples: [{ text: 'Another.', score: null, done: null }] });
  expect(await log.merge([edited, logged(5), logged(5), loggedRow(6), logged(7, { when: LATER * 2 })])).toEqual({
    read: 5,
    fresh: 3,
    left: 0,
  });
  expect(ids(log)).toEqual(['id 7', 'id 6', 'id 5', 'id 1']);
  expect(log.store.getState().entries[0]!.when).toBe(LATER);
  expect(log.store.getState().entries[3]!.samples).toHaveLength(2);
  expect(await log.merge([logged(5), loggedRow(6)])).toEqual({ read: 2, fresh: 0, left: 0 });
  expect(await log.merge([logged(8), logged(9)])).toEqual({ read: 2, fresh: 2, left: 2 });
  expect(ids(log)).toEqual(['id 7', 'id 6', 'id 5', 'id 1']);
  await log.flush();
  expect(ids(await ready())).toEqual(['id 7', 'id 6', 'id 5', 'id 1']);
});

test('a second tab sees what the first adds and deletes', async () => {
  const [one, two] = [await ready(), await ready()];
  one.add([record(1), record(2)]);
  await one.flush();
  await until(() => ids(two).length === 2);
  two.remove(new Set(['id 1']));
  two.add([record(3)]);
  await two.flush();
  await until(() => ids(one).join() === 'id 3,id 2');
});

test('writings of another tab that come while one of them is read are read in one go', async () => {
  const db = await openLogDb(name);
  let readings = 0;
  let held: Promise<void> | null = null;
  let written = () => {};
  const read = async () => {
    readings++;
    const kept = await db.read();
    await held;
    return kept;
  };
  const onChange = (listener: () => void) => {
    written = listener;
  };
  const log = await ready(async () => ({ ...db, read, onChange }));
  let release = () => {};
  held = new Promise((resolve) => {
    release = resolve;
  });
  written();
  await until(() => readings === 2);
  await db.write({ entries: new Map([['id 1', logged(1)]]) });
  for (let i = 0; i < 20; i++) written();
  release();
  // What was written while the first reading was under way is not missed.
  await until(() => ids(log).join() === 'id 1');
  await log.flush();
  expect(readings).toBe(3);
});

test('where storage is closed all works until the tab is, and it is said', async () => {
  const log = await ready(() => Promise.reject(new DOMException('closed', 'SecurityError')));
  log.add([record(1)]);
  expect(await log.merge([logged(2)])).toMatchObject({ fresh: 1 });
  expect(ids(log)).toEqual(['id 2', 'id 1']);
  expect(log.store.getState()).toMatchObject({ storage: 'tab', saving: false });
});
