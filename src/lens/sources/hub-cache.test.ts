import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileFolder } from './disk';
import { outOfDiskCache } from './disk-cache';
import { outOfCache } from './hub-cache';

const picked = (paths: Record<string, string>, name = 'models--Me--mini') => ({
  name,
  files: Object.entries(paths).map(([path, text]) => ({ path, file: new File([text], path) })),
});
const CACHE = {
  'refs/main': 'BBB\n',
  'blobs/1': 'x',
  'snapshots/AAA/config.json': 'old',
  'snapshots/BBB/config.json': 'new',
  'snapshots/BBB/sae/cfg.json': 'x',
};
const under = (base: string, paths: Record<string, string>) =>
  Object.fromEntries(Object.entries(paths).map(([path, text]) => [base + path, text]));

test('a picked Hub cache opens at refs/main, by its own name also within the hub', async () => {
  for (const folder of [picked(CACHE), picked(under('models--Me--mini/', CACHE), 'hub')]) {
    const { name, files } = await outOfCache(folder);
    expect([name, files.map(({ path }) => path)]).toEqual(['models--Me--mini', ['config.json', 'sae/cfg.json']]);
    expect(await files[0]!.file.text()).toBe('new');
  }
});

test('without refs/main the only snapshot opens, and of two none is guessed', async () => {
  const one = await outOfCache(picked({ 'snapshots/AAA/config.json': 'x' }));
  expect(one.files.map(({ path }) => path)).toEqual(['config.json']);
  const { 'refs/main': _, ...two } = CACHE;
  await expect(outOfCache(picked(two))).rejects.toThrow(
    'models--Me--mini holds 2 snapshots of Me/mini, and its refs/main names none of them. Open the folder of one: snapshots/AAA, snapshots/BBB.',
  );
});

test('of several models none is guessed; data sets beside one model are no models', async () => {
  const hub = { ...under('models--a--b/', CACHE), ...under('models--c--d-e/', CACHE) };
  await expect(outOfCache(picked(hub, 'hub'))).rejects.toThrow('hub is a Hub cache of 2 repositories: a/b, c/d-e.');
  const beside = { ...under('models--a--b/', CACHE), ...under('datasets--c--d/', CACHE) };
  expect((await outOfCache(picked(beside, 'hub'))).name).toBe('models--a--b');
});

test('any other folder stays what it is', async () => {
  const folder = picked({ 'config.json': 'x', 'sae/cfg.json': 'x' });
  expect(await outOfCache(folder)).toBe(folder);
  const trained = picked({ 'config.json': 'x', 'model.safetensors': 'x', 'snapshots/step1/log.txt': 'x' }, 'run');
  expect(await outOfCache(trained)).toBe(trained);
  const saes = picked({ 'snapshots/step1/cfg.json': 'x' }, 'saes');
  expect(await outOfCache(saes)).toBe(saes);
  const model = picked({ 'config.json': 'x', ...CACHE });
  expect(await outOfCache(model)).toBe(model);
  const renamed = await outOfCache(picked(CACHE, 'mine'));
  expect(renamed.files.map(({ path }) => path)).toEqual(['config.json', 'sae/cfg.json']);
});

let root: string;
const write = async (path: string, text: string) => {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), text);
};
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hub-'));
  await write('one/models--a--b/blobs/1', 'new');
  await write('one/models--a--b/refs/main', 'BBB');
  await write('one/models--a--b/snapshots/AAA/config.json', 'old');
  await mkdir(join(root, 'one/models--a--b/snapshots/BBB'));
  await symlink('../../blobs/1', join(root, 'one/models--a--b/snapshots/BBB/config.json'));
  await write('one/version.txt', '1');
  await write('two/models--a--b/snapshots/A/config.json', 'x');
  await write('two/models--c--d/snapshots/A/config.json', 'x');
  await write('run/config.json', 'x');
  await write('run/snapshots/step1/log.txt', 'x');
});
afterAll(() => rm(root, { recursive: true }));

test('on a disk too, through its links', async () => {
  const text = async (path: string) =>
    new TextDecoder().decode(await fileFolder(await outOfDiskCache(join(root, path))).read('config.json'));
  expect(await text('one')).toBe('new');
  expect(await text('one/models--a--b')).toBe('new');
  expect(await text('one/models--a--b/snapshots/AAA')).toBe('old');
  await expect(outOfDiskCache(join(root, 'two'))).rejects.toThrow('2 repositories: a/b, c/d');
  expect(await outOfDiskCache(join(root, 'run'))).toBe(join(root, 'run'));
  expect(await outOfDiskCache(join(root, 'none'))).toBe(join(root, 'none'));
});
