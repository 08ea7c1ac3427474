import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type As, MOST_FILES, takeFolder } from './picked-folder';

const folder = (paths: Record<string, string | number>, name = 'models--me--mini') => ({
  name,
  files: Object.entries(paths).map(([path, content]) => ({
    path,
    file: new File([typeof content === 'string' ? content : ''], path.split('/').at(-1)!, {
      lastModified: typeof content === 'number' ? content : 0,
    }),
  })),
});
const take = (paths: Record<string, string | number>, as: As = 'model', name?: string) => {
  const picked = folder(paths, name);
  return takeFolder(picked, as, picked.files.length);
};
const pathsOf = ({ folder: { files } }: Awaited<ReturnType<typeof take>>) => files.map(({ path }) => path).sort();

test('of a Hub cache with two snapshots the one that refs/main names is taken, and said', async () => {
  const cache = {
    'refs/main': 'BBB\n',
    'snapshots/AAA/config.json': 9,
    'snapshots/AAA/model.safetensors': 9,
    'snapshots/BBB/config.json': 1,
    'snapshots/BBB/sae/cfg.json': 1,
    'blobs/123': 0,
  };
  const taken = await take(cache);
  expect(pathsOf(taken)).toEqual(['config.json', 'sae/cfg.json']);
  expect(taken.says).toEqual(['It has 2 snapshots: BBB is taken, the one that refs/main names, not AAA.']);
  expect(taken.opens).toBe(true);
  // A ref that names none of them, or is no text that a ref would be: the newest.
  for (const ref of ['CCC', 'x'.repeat(1000)]) {
    const newest = await take({ ...cache, 'refs/main': ref });
    expect(pathsOf(newest)).toEqual(['config.json', 'model.safetensors']);
    expect(newest.says[0]).toContain('AAA is taken, the newest; refs/main names none of them, not BBB.');
  }
});

test('one snapshot is taken without a word, also of the folder around it', async () => {
  const taken = await take({ 'hub/models--a--b/refs/main': 'X', 'hub/models--a--b/snapshots/X/config.json': 0 });
  expect([pathsOf(taken), taken.says]).toEqual([['config.json'], []]);
});

test('what holds several models is not guessed at', async () => {
  const hub = await take({
    'models--a--b/snapshots/X/config.json': 0,
    'models--c--d-e/refs/main': 'Y',
    'models--c--d-e/snapshots/X/config.json': 0,
    'models--c--d-e/snapshots/Y/config.json': 0,
    'models--c--d-e/snapshots/Y/x/cfg.json': 0,
  });
  expect([hub.opens, hub.says]).toEqual([false, ['A Hub cache of 2 repositories. Choose one.']]);
  expect(hub.choices.map(({ name }) => name)).toEqual(['a/b', 'c/d-e']);
  const chosen = hub.choices[1]!.folder;
  const taken = await takeFolder(chosen, 'model', chosen.files.length);
  expect([taken.folder.name, pathsOf(taken), taken.opens]).toEqual([
    'models--c--d-e',
    ['config.json', 'x/cfg.json'],
    true,
  ]);
  const two = await take({ 'one/config.json': 0, 'two/config.json': 0, 'one/sae/config.json': 0 });
  expect([two.opens, two.says]).toEqual([false, ['It holds 2 models. Choose one.']]);
  expect(two.choices.map(({ name, folder: { files } }) => [name, files.map(({ path }) => path)])).toEqual([
    ['one', ['config.json', 'sae/config.json']],
    ['two', ['config.json']],
  ]);
  expect((await take({ 'config.json': 0, 'deep/config.json': 0 })).opens).toBe(true);
});

test('a folder without a model says so before anything is opened; as a dictionary’s it is taken', async () => {
  const bare = await take({ 'a.txt': 0 });
  expect([bare.opens, bare.says[0]]).toEqual([false, expect.stringContaining('There is no config.json in it')]);
  const saes = await take({ 'layer2.sae.pt': 0 });
  expect([saes.opens, saes.says[0]]).toEqual([
    false,
    'It holds a dictionary (layer2.sae.pt) and no model. Open the dictionary’s model, and pick this folder there.',
  ]);
  expect(saes.dictionary).toBe('layer2.sae.pt');
  // A config.json that is no model's.
  for (const [config, file] of [
    ['trainer_0/config.json', 'trainer_0/ae.pt'],
    ['config.json', 'layers.2/cfg.json'],
  ] as const)
    expect(await take({ [config]: 0, [file]: 0 })).toMatchObject({ opens: false, dictionary: file });
  expect(await take({ 'config.json': 0, 'sae/l2/cfg.json': 0 })).toMatchObject({ opens: true, dictionary: null });
  expect(await take({ 'layer2.sae.pt': 0 }, 'dictionary')).toMatchObject({ opens: true, says: [] });
  const links = await take({ 'refs/main': 'X', 'blobs/aa': 0 });
  expect([links.opens, links.says[0]]).toEqual([false, expect.stringContaining('whose files are links')]);
});

test('two models or repositories of one name are told apart by where they lie', async () => {
  const two = await take({ 'x/model/config.json': 0, 'y/model/config.json': 0 });
  expect(two.choices.map(({ name, folder }) => [name, folder.name])).toEqual([
    ['x/model', 'model'],
    ['y/model', 'model'],
  ]);
  const at = (hub: string) => ({ [`${hub}/models--a--b/snapshots/X/config.json`]: 0 });
  const hubs = await take({ ...at('new'), ...at('old') });
  expect(hubs.choices.map(({ name }) => name)).toEqual(['new/models--a--b', 'old/models--a--b']);
});

test('what a library of dictionaries has written is taken as a dictionary, wherever in it one begins', async () => {
  const root = new URL('../../../fixtures/dictionaries/', import.meta.url);
  const paths = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((each) => each.isFile() && !each.name.endsWith('.expected.safetensors'))
    .map(({ parentPath, name }) => relative(fileURLToPath(root), join(parentPath, name)))
    .filter((path) => !/\/(refused|older)\//.test(path));
  const folders = new Set(
    paths.flatMap((path) => path.split('/').flatMap((_, i, parts) => (i ? [parts.slice(0, i).join('/')] : []))),
  );
  expect(folders.size).toBeGreaterThan(20);
  for (const folder of folders) {
    const files = paths.flatMap((path) => (path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : []));
    const taken = await take(Object.fromEntries(files.map((path) => [path, 0])), 'model', folder);
    expect([taken.opens, files], folder).toEqual([false, expect.arrayContaining([taken.dictionary])]);
  }
});

test('repositories of a hub whose files are links are named', async () => {
  const hub = await take({
    'models--a--b/snapshots/X/config.json': 0,
    'models--c--d/refs/main': 'X',
    'models--c--d/blobs/12ab': 0,
  });
  expect([hub.opens, hub.says]).toEqual([
    true,
    ['Not in it, since their files are links, which a browser does not follow: models--c--d.'],
  ]);
});

test('half of a pair that puts vectors into words says what it is, and so do both', async () => {
  const half = await take({ 'config.json': 0, 'nla_meta.yaml': 0, 'model.safetensors': 0 });
  expect([half.opens, half.says[0]]).toEqual([false, expect.stringContaining('It is half of a trained pair')]);
  const both = { 'av/config.json': 0, 'av/nla_meta.yaml': 0, 'ar/config.json': 0, 'ar/nla_meta.yaml': 0 };
  expect(await take(both)).toMatchObject({ opens: false, choices: [] });
  expect(await take(both, 'verbalizer')).toMatchObject({ opens: true, says: [] });
  expect((await take({ 'config.json': 0, 'nla/av/config.json': 0, 'nla/av/nla_meta.yaml': 0 })).opens).toBe(true);
});

test('a cut is said, with the number where it is known', async () => {
  const picked = folder({ 'config.json': 0 });
  expect((await takeFolder(picked, 'model', 12_005)).says[0]).toBe(
    'It has 12,005 files; only the first 10,000 are looked at. Pick the model’s own folder.',
  );
  expect((await takeFolder(picked, 'model', null)).says[0]).toContain('more than 10,000 files');
  expect(MOST_FILES).toBe(10_000);
});

test('of a hub with one model and its dictionary the model is taken; as a dictionary’s folder it asks', async () => {
  const hub = {
    'models--a--model/snapshots/X/config.json': 0,
    'models--a--SAE-L0_50/snapshots/Y/layer2.sae.pt': 0,
  };
  const model = await take(hub, 'model', 'hub');
  expect([model.folder.name, model.opens, model.says]).toEqual([
    'models--a--model',
    true,
    ['Of the 2 repositories of the Hub cache a/model is a model.'],
  ]);
  const dictionary = await take(hub, 'dictionary', 'hub');
  expect(dictionary.choices.map(({ name }) => name)).toEqual(['a/model', 'a/SAE-L0_50']);
  // Its own name states k.
  const { folder } = dictionary.choices[1]!;
  expect((await takeFolder(folder, 'dictionary', 1)).folder).toMatchObject({ name: 'models--a--SAE-L0_50' });
});
