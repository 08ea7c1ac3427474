import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** The front page stays short, says first what was never tried, and links each proper name once, where it stands
 *  first. */

const root = new URL('../', import.meta.url);
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

/** Without the picture, whose description names things too. */
const prose = readme.replace(/<picture>.*<\/picture>/s, '');

const targets = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
const isAddress = (target) => /^https?:/.test(target);

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
  const addresses = targets.filter(isAddress);
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(addresses).toHaveLength(NAMES.length);
});

test('every file that the README links is there', () => {
  const files = targets.filter((target) => !isAddress(target) && !target.startsWith('#'));
  const missing = files.filter((target) => !existsSync(fileURLToPath(new URL(target.split('#')[0], root))));
  expect(files.length).toBeGreaterThan(0);
  expect(missing).toEqual([]);
});
