import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openConfig } from '../../src/lens/folders/config.ts';
import { ownDictionaries } from '../../src/lens/folders/dictionaries.ts';
import { parseEffects } from '../../src/lens/folders/effects.ts';
import { FeatureData } from '../../src/lens/folders/feature-data.ts';
import { bytesSay } from '../../src/lens/maths/figures.ts';
import { WASM_ADDRESSES } from '../../src/lens/sizes.ts';
import { fileFolder } from '../../src/lens/sources/disk.ts';
import { effectSays } from '../../src/state/steering/examples.ts';

/** The front page stays short, says first what was never tried, and links each proper name once, where it stands
 *  first. */

const root = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const MOST_WORDS = 900;
const LIBRARY = '\n## Use it as a library\n';

/** What stands before the library: what everyone reads. */
const front = readme.slice(0, readme.indexOf(LIBRARY));

const NAMES = [
  'Hugging Face',
  'logit lens',
  'Natural Language Autoencoder',
  'Neuronpedia',
  'Node.js',
  'ONNX Runtime Web',
  'Patchscopes',
  'PyTorch',
  'Qwen-Scope',
  'Qwen2.5',
  'Qwen3',
  'SAELens',
  'SelfIE',
  'top-k sparse autoencoders',
  'Transformers.js',
  'WebAssembly',
  'WebGPU',
];

/** @param {string} path */
const ofMini = (path) => JSON.parse(readFileSync(new URL(`public/models/lenslet-mini/${path}`, root), 'utf8'));

test('the figures of the first five minutes are those of lenslet-mini’s files', () => {
  const [effect] = parseEffects(ofMini('effects.json'));
  expect(effect?.name).toBe('arithmetic');
  expect(front).toContain(`*${effectSays(/** @type {import('../../src/lens/api/effect').Effect} */ (effect))}*`);
  const { av, ar } = ofMini('nla/index.json').bytes;
  expect(front).toContain(`the first time, this loads ${Math.round((av + ar) / 1e6)} MB`);
  expect(front).toContain(`models run that fit into WebAssembly's ${bytesSay(WASM_ADDRESSES)} in float32`);
});

test('the last of the first five minutes opens a part that the page has under this name', () => {
  const claims = readFileSync(new URL('src/panels/words/Claims.tsx', root), 'utf8');
  expect(claims).toContain(`<summary>${/Under \*([^*]+)\*, untick/.exec(front)?.[1]}</summary>`);
});

test('the feature that the first five minutes lead to is named as its label is', async () => {
  const source = fileFolder(fileURLToPath(new URL('public/models/lenslet-mini', root)));
  const [, feature, layer, , label] =
    /\(feature (\d+) at layer (\d+)\)([\s\S]*?)the label ((?:“[^”]*”(?:, (?=“))?)+)/.exec(front) ?? [];
  const { open } = await ownDictionaries(source, await openConfig(source));
  const { folder, ...of } = await open(Number(layer));
  const data = await FeatureData.open(source, folder ?? '', {
    ...of,
    vocabulary: 8192,
    model: null,
    widths: new Map(),
  });
  expect((await data?.columns())?.labels[Number(feature)]).toBe(label);
});

/** Without the picture, whose description names things too. */
const prose = readme.replace(/<picture>.*<\/picture>/s, '');

/** What everyone reads, and all that it leads to in words of our own. */
const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'examples/README.md',
  ...['docs/', 'docs/decisions/'].flatMap((folder) =>
    readdirSync(new URL(folder, root))
      .filter((name) => name.endsWith('.md'))
      .map((name) => folder + name),
  ),
];

const targetsOf = (/** @type {string} */ text) => [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
const isAddress = (/** @type {string} */ target) => /^https?:/.test(target);

test('the library begins after 900 words at most', () => {
  expect(readme).toContain(LIBRARY);
  expect(front.split(/\s+/).filter(Boolean).length).toBeLessThanOrEqual(MOST_WORDS);
});

test('the box of limits begins with what was never run', () => {
  expect(front).toMatch(/## Status and limits\n\n> \*\*Not yet run with real Qwen weights\.\*\*/);
});

test.each(NAMES)('%s is linked once, where it is named first', (name) => {
  expect(prose.split(`[${name}](https://`)).toHaveLength(2);
  expect(prose.indexOf(name)).toBe(prose.indexOf(`[${name}](`) + 1);
});

test('no other address is linked, and none twice', () => {
  const addresses = targetsOf(readme).filter(isAddress);
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(addresses).toHaveLength(NAMES.length);
});

test.each(DOCUMENTS)('%s links files that are there', (path) => {
  const document = new URL(path, root);
  const files = targetsOf(readFileSync(document, 'utf8')).filter((to) => !isAddress(to) && !to.startsWith('#'));
  expect(files.filter((to) => !existsSync(new URL(to.split('#')[0], document)))).toEqual([]);
});
