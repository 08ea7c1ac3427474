import { afterEach, expect, test } from 'vitest';
import { createWorkbench, type Workbench } from '../state/page/workbench';
import { fakeLens } from '../state/testing/lens';
import { saidBy } from '../state/testing/workbench';
import { takeDrops } from './drops';

let bench: Workbench;
afterEach(() => bench.dispose());

/** An entry of a dropped folder, which no script can make. */
const folder = (name: string, files: string[]) => ({
  isDirectory: true,
  name,
  createReader: () => {
    const batches = [
      files.map((path) => ({
        isDirectory: false,
        name: path,
        file: (take: (file: File) => void) => take(new File(['{}'], path)),
      })),
    ];
    return { readEntries: (take: (entries: unknown[]) => void) => take(batches.pop() ?? []) };
  },
});

test('of what is dropped together the first folder is planned, the other folders are named, and the files are taken', async () => {
  bench = createWorkbench(async () => fakeLens(), { pause: 0 });
  takeDrops(bench);
  const entries = [
    folder('one', ['config.json']),
    folder('two', ['config.json']),
    { isDirectory: false, name: 'a.csv' },
  ];
  const dataTransfer = {
    types: ['Files'],
    items: entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry })),
    files: entries.map(({ name }) => new File(['a,b'], name)),
  };
  const event = new Event('drop', { cancelable: true });
  Object.defineProperty(event, 'dataTransfer', { value: dataTransfer });
  document.dispatchEvent(event);
  expect(event.defaultPrevented).toBe(true);
  await expect.poll(() => bench.models.store.getState().planned?.model).toMatchObject({ folder: { name: 'one' } });
  await expect
    .poll(() => saidBy(bench))
    .toEqual([
      'Only the folder one is looked at. Drop two by itself.',
      expect.stringMatching(/^a\.csv is a CSV table\. The page takes recipes/),
    ]);
});
