import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyOf } from '../features/feature-key';
import { entry, HAN, HASH, run } from '../testing/notebook';
import { type NotebookDb, openNotebookDb } from './db';
import { createNotebook, type Notebook } from './notebook';
import { runId } from './record';

let name = '';
let open: Notebook[] = [];
let tick = 0;
const now = () => new Date(Date.UTC(2025, 5, 1, 0, 0, tick++)).toISOString();
/** A page over the test's database. */
const page = async (db: () => Promise<NotebookDb> = () => openNotebookDb(name)) => {
  const notebook = createNotebook(db, { pause: 0, now });
  open.push(notebook);
  await notebook.ready;
  return notebook;
};
const entryOf = (notebook: Notebook, key = HAN) => notebook.store.getState().entries.get(keyOf(key));
const until = async (what: () => boolean) => {
  for (let i = 0; i < 200 && !what(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(what()).toBe(true);
};

beforeEach(() => {
  name = `notebook ${Math.random()}`;
  tick = 0;
});
afterEach(() => {
  for (const notebook of open) notebook.close();
  open = [];
});

test('what is pinned, named, noted and run is there again when the page is', async () => {
  const first = await page();
  first.note(HAN, { pinned: true });
  first.note(HAN, { name: ' Han  characters ', note: 'On 汉.' });
  first.record(run(1));
  first.record(run(2));
  expect(first.store.getState().saving).toBe(true);
  await first.flush();
  expect(first.store.getState()).toMatchObject({ saving: false, storage: 'kept' });
  const second = await page();
  expect(second.store.getState().entries).toEqual(first.store.getState().entries);
  expect(entryOf(second)).toMatchObject({
    name: 'Han characters',
    note: 'On 汉.',
    pinned: expect.stringMatching(/^2025-06-01/),
  });
  expect(second.store.getState().runs).toEqual([run(2), run(1)]);
});

test('what was written before the notebook could be read is not lost under it', async () => {
  const first = await page();
  first.note(HAN, { name: 'old' });
  first.note({ ...HAN, feature: 6 }, { note: 'other' });
  await first.flush();
  const second = createNotebook(() => openNotebookDb(name), { pause: 0, now });
  open.push(second);
  second.note(HAN, { name: 'typed at once' });
  await second.ready;
  expect(entryOf(second)!.name).toBe('typed at once');
  expect(entryOf(second, { ...HAN, feature: 6 })!.note).toBe('other');
  expect(entryOf(await page())!.name).toBe('typed at once');
});

test('what is written while the notebook is being read is not lost under it either', async () => {
  const first = await page();
  first.note(HAN, { name: 'old' });
  await first.flush();
  const db = await openNotebookDb(name);
  let second: Notebook | null = null;
  // The answer is on its way when the name is changed.
  const read = async () => {
    const kept = await db.read();
    second!.note(HAN, { name: 'meanwhile' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    return kept;
  };
  second = createNotebook(async () => ({ ...db, read }), { pause: 0, now });
  open.push(second);
  await second.ready;
  expect(entryOf(second)!.name).toBe('meanwhile');
});

test('runs over the twenty, which two tabs may leave, go when the notebook is read', async () => {
  const db = await openNotebookDb(name);
  await db.write({ entries: new Map(), runs: new Map(Array.from({ length: 22 }, (_, i) => [runId(run(i)), run(i)])) });
  const notebook = await page();
  expect(notebook.store.getState().runs).toHaveLength(20);
  expect((await db.read()).runs).toHaveLength(20);
  db.close();
});

test('an entry with nothing left is gone, here and where it is kept; a note never passes to another dictionary', async () => {
  const notebook = await page();
  notebook.note(HAN, { pinned: true, note: 'x' });
  await notebook.flush();
  notebook.note({ ...HAN, sha256: 'cd'.repeat(32) }, { note: 'of another' });
  expect(entryOf(notebook)!.note).toBe('x');
  notebook.note(HAN, { pinned: false, note: '' });
  expect(entryOf(notebook)).toBeUndefined();
  await notebook.flush();
  expect([...(await page()).store.getState().entries.values()].map(({ note }) => note)).toEqual(['of another']);
});

test('a second tab sees what the first writes, and keeps what it has not written itself', async () => {
  const [one, two] = [await page(), await page()];
  one.note(HAN, { note: 'from one' });
  await one.flush();
  await until(() => entryOf(two)?.note === 'from one');
  // Both change records: of the same one the last write counts.
  two.note({ ...HAN, feature: 7 }, { note: 'from two' });
  await two.flush();
  two.note(HAN, { note: 'from two, later' });
  await two.flush();
  await until(
    () => entryOf(one)?.note === 'from two, later' && entryOf(one, { ...HAN, feature: 7 })?.note === 'from two',
  );
});

test('where storage is closed all works until the tab is, and it is said', async () => {
  const notebook = await page(() => Promise.reject(new DOMException('closed', 'SecurityError')));
  expect(notebook.store.getState().storage).toBe('tab');
  notebook.note(HAN, { note: 'kept here' });
  await notebook.flush();
  expect(entryOf(notebook)!.note).toBe('kept here');
  expect(notebook.store.getState()).toMatchObject({ storage: 'tab', saving: false });
});

test('a write that fails is said and made up for by the next, nothing of it lost', async () => {
  const db = await openNotebookDb(name);
  let full = true;
  const notebook = await page(async () => ({
    ...db,
    write: (...change) => (full ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : db.write(...change)),
  }));
  notebook.note(HAN, { note: 'first' });
  await notebook.flush();
  expect(notebook.store.getState().storage).toBe('tab');
  full = false;
  notebook.record(run());
  await notebook.flush();
  expect(notebook.store.getState().storage).toBe('kept');
  const again = await page();
  expect(entryOf(again)!.note).toBe('first');
  expect(again.store.getState().runs).toHaveLength(1);
});

test('a record that another version wrote is passed over, and the rest is read', async () => {
  const db = await openNotebookDb(name);
  await db.write({
    entries: new Map<string, unknown>([
      ['a', { format: 9 }],
      [keyOf(HAN), entry()],
    ]),
    runs: new Map([['b', 'x']]),
  });
  db.close();
  const notebook = await page();
  expect([...notebook.store.getState().entries.values()]).toEqual([entry()]);
  expect(notebook.store.getState().runs).toEqual([]);
});

test('an earlier file’s run does not take the place of the same run of today, whose strength it has in other digits', async () => {
  const notebook = await page();
  const withStrength = (at: string, strength: number) => {
    const { plan, ...rest } = run();
    return { ...rest, at, plan: { ...plan, edits: plan.edits.map((edit) => ({ ...edit, strength })) } };
  };
  const mine = withStrength('2025-02-01T00:00:00.000Z', 15.1745);
  notebook.record(mine);
  const theirs = withStrength('2025-01-01T00:00:00.000Z', 15.1745005);
  expect(notebook.merge({ entries: [], runs: [theirs] })).toMatchObject({ older: 1 });
  expect(notebook.store.getState().runs).toEqual([mine]);
});

test('a time that has not come, in a file or already kept, is now: it does not end recording, nor come first for ever', async () => {
  const db = await openNotebookDb(name);
  const last = (i: number) => run(i, { at: `9999-01-01T00:00:${10 + i}.000Z` });
  const bad = Array.from({ length: 20 }, (_, i) => last(i));
  const late = entry({ updated: '9999-01-01T00:00:00.000Z' });
  await db.write({ entries: new Map([[keyOf(HAN), late]]), runs: new Map(bad.map((one) => [runId(one), one])) });
  const notebook = await page();
  expect(notebook.merge({ entries: [], runs: [last(30), last(3)] })).toEqual({ entries: 0, runs: 2, older: 1 });
  const mine = run(40, { at: now() });
  notebook.record(mine);
  expect(notebook.store.getState().runs[0]).toEqual(mine);
  expect(notebook.store.getState().runs).toHaveLength(20);
  await notebook.flush();
  const again = await page();
  expect(again.store.getState().runs[0]).toEqual(mine);
  expect(again.store.getState().runs.every((one) => one.at < '2026')).toBe(true);
  expect(entryOf(again)!.updated < '2026').toBe(true);
  // As it is kept, and not only as it is shown.
  const kept = (await db.read()) as { entries: { updated: string }[]; runs: { at: string }[] };
  expect(
    [...kept.entries.map((one) => one.updated), ...kept.runs.map((one) => one.at)].filter((at) => at > '2026'),
  ).toEqual([]);
  db.close();
});

test('what another tab writes does not make a failed write a kept one; it is tried again', async () => {
  const db = await openNotebookDb(name);
  let full = true;
  const notebook = await page(async () => ({
    ...db,
    write: (...change) => (full ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : db.write(...change)),
  }));
  const other = await page();
  notebook.note(HAN, { note: 'mine' });
  await notebook.flush();
  const said = new Set<string>();
  notebook.store.subscribe(({ storage }) => said.add(storage));
  other.note({ ...HAN, feature: 7 }, { note: 'of the other tab' });
  await other.flush();
  await until(() => entryOf(notebook, { ...HAN, feature: 7 }) !== undefined);
  // Not for a moment either.
  expect([...said]).toEqual(['tab']);
  full = false;
  other.note({ ...HAN, feature: 7 }, { note: 'again' });
  await other.flush();
  await until(() => notebook.store.getState().storage === 'kept');
  expect(entryOf(await page())!.note).toBe('mine');
});

test('runs of a file that find no room, or are less than those here, count as left out', async () => {
  const notebook = await page();
  for (let i = 10; i < 29; i++) notebook.record(run(i));
  const stopped = run(28, { at: run(60).at, complete: false });
  expect(notebook.merge({ entries: [], runs: [run(1), run(2), run(30), stopped] })).toEqual({
    entries: 0,
    runs: 4,
    older: 3,
  });
  expect(notebook.store.getState().runs).toHaveLength(20);
});

test('the twenty-first run goes, also where it is kept', async () => {
  const notebook = await page();
  for (let i = 0; i < 23; i++) notebook.record(run(i));
  await notebook.flush();
  expect((await page()).store.getState().runs.map((one) => one.plan.sampling.seed)).toEqual(
    Array.from({ length: 20 }, (_, i) => 22 - i),
  );
});

test('what is deleted or cleared can be put back, over nothing that has been written since', async () => {
  const notebook = await page();
  notebook.note(HAN, { note: 'first' });
  notebook.note({ ...HAN, feature: 6 }, { note: 'second' });
  notebook.record(run(1));
  notebook.record(run(2));
  notebook.removeRun(runId(run(1)));
  expect(notebook.store.getState().runs).toEqual([run(2)]);
  notebook.putBack();
  expect(notebook.store.getState()).toMatchObject({ runs: [run(2), run(1)], removed: null });
  notebook.clear();
  await notebook.flush();
  expect((await page()).store.getState()).toMatchObject({ entries: new Map(), runs: [] });
  notebook.note(HAN, { note: 'third' });
  notebook.putBack();
  await notebook.flush();
  const again = await page();
  expect([...again.store.getState().entries.values()].map(({ note }) => note).sort()).toEqual(['second', 'third']);
  expect(again.store.getState().runs).toHaveLength(2);
});

test('merging: of one feature the later entry counts, a time to come counts as now, and nothing is deleted', async () => {
  const notebook = await page();
  tick = 100;
  notebook.note(HAN, { note: 'mine' });
  notebook.note({ ...HAN, feature: 6 }, { note: 'mine too' });
  const file = {
    entries: [
      entry({ note: 'older' }),
      entry({ feature: 6, note: 'newer', updated: '2025-06-01T00:02:00.000Z' }),
      entry({ feature: 8, note: 'to come', updated: '9999-01-01T00:00:00.000Z' }),
      entry({ sha256: HASH.replace('a', 'c'), note: 'of another dictionary' }),
    ],
    runs: [run(1), run(2)],
  };
  tick = 200;
  expect(notebook.merge(file)).toEqual({ entries: 4, runs: 2, older: 1 });
  const notes = [...notebook.store.getState().entries.values()].map(({ note }) => note);
  expect(notes.sort()).toEqual(['mine', 'newer', 'of another dictionary', 'to come']);
  expect(entryOf(notebook, { ...HAN, feature: 8 })!.updated < '2026').toBe(true);
  expect(notebook.merge(file)).toEqual({ entries: 4, runs: 2, older: 6 });
  expect(notebook.store.getState().runs).toEqual([run(2), run(1)]);
});
