import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { initialScripts, LIMIT, measure } from './size.mjs';

let dist = '';

function put(/** @type {string} */ name, /** @type {string} */ text) {
  writeFileSync(join(dist, 'assets', name), text);
}

/** A script of at least `bytes` bytes that gzip cannot shrink below them. */
const bulk = (/** @type {number} */ bytes) => `export const bulk = '${randomBytes(bytes).toString('hex')}';`;

const html =
  '<meta http-equiv="Content-Security-Policy" content="…"><script type="module" crossorigin src="./assets/index.js"></script><link rel="modulepreload" crossorigin href="./assets/early.js"><link rel="stylesheet" href="./assets/a.css">';

beforeEach(() => {
  dist = mkdtempSync(join(tmpdir(), 'lenslet-size-'));
  mkdirSync(join(dist, 'assets'));
  for (const page of ['index.html', 'open.html']) writeFileSync(join(dist, page), html);
  put(
    'index.js',
    "import{a}from'./shared.js';import'./bare.js';export*from'./again.js';const text=\"import './no-file.js'\";import('./lazy.js');console.log(a,text)",
  );
  put('shared.js', "import{b}from'./index.js';export const a=1,c=b");
  put('bare.js', '');
  put('again.js', 'export const b=1');
  put('early.js', '');
  put('lazy.js', '');
  put('ort-wasm-simd-threaded.jspi-abc.wasm', '');
  put('ort-wasm-simd-threaded.asyncify-def.wasm', '');
});

afterEach(() => rmSync(dist, { recursive: true }));

test('the scripts that load at once are the entry, its static imports and the preloads, each once; lazy ones are not', () => {
  const names = initialScripts(dist).map((file) => file.split('/').at(-1));
  expect(names.sort()).toEqual(['again.js', 'bare.js', 'early.js', 'index.js', 'shared.js']);
});

test('a good build has no problems', () => {
  expect(measure(dist).problems).toEqual([]);
});

test('what loads at once is summed over its files and refused above the limit', () => {
  put('shared.js', `import{b}from'./index.js';export const a=b;${bulk(LIMIT / 2)}`);
  expect(measure(dist).problems).toEqual([]);
  put('bare.js', bulk(LIMIT / 2));
  expect(measure(dist).total).toBeGreaterThan(LIMIT);
  expect(measure(dist).problems).toEqual([expect.stringContaining('it must stay under 200000')]);
});

test('a second copy, a missing flavour and an unused flavour of the engine are refused', () => {
  put('ort-wasm-simd-threaded.jspi-other.wasm', '');
  expect(measure(dist).problems).toEqual([expect.stringContaining("2 wasm files of ONNX Runtime's jspi flavour")]);
  rmSync(join(dist, 'assets/ort-wasm-simd-threaded.jspi-abc.wasm'));
  rmSync(join(dist, 'assets/ort-wasm-simd-threaded.jspi-other.wasm'));
  expect(measure(dist).problems).toEqual([expect.stringContaining("0 wasm files of ONNX Runtime's jspi flavour")]);
  put('ort-wasm-simd-threaded.jspi-abc.wasm', '');
  put('ort-wasm-simd-threaded.jsep-ghi.wasm', '');
  expect(measure(dist).problems).toEqual([expect.stringContaining('flavours that nothing uses')]);
});

test('a second page that is missing, loads other scripts, or reads its policy late is refused', () => {
  writeFileSync(
    join(dist, 'open.html'),
    html.replace('<link rel="modulepreload" crossorigin href="./assets/early.js">', ''),
  );
  expect(measure(dist).problems).toEqual(['open.html loads other scripts than index.html.']);
  const [policy, ...rest] = html.split(/(?<=>)/);
  writeFileSync(join(dist, 'open.html'), [...rest, policy].join(''));
  expect(measure(dist).problems).toEqual(['open.html has no Content-Security-Policy before what it loads.']);
  rmSync(join(dist, 'open.html'));
  expect(measure(dist).problems).toEqual(['open.html was not built.']);
});
