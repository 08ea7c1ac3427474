import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptOf } from './precache.ts';

let dist: string;

function put(name: string, text: string): void {
  mkdirSync(dirname(join(dist, name)), { recursive: true });
  writeFileSync(join(dist, name), text);
}

beforeEach(() => {
  dist = mkdtempSync(join(tmpdir(), 'lenslet-kept-'));
  put('index.html', 'page');
  put('assets/index-abc.js', 'abc');
  put('models/lenslet-mini/config.json', '{}');
});
afterEach(() => rmSync(dist, { recursive: true }));

test('every file is kept under its hash, and a name without one gets a revision', () => {
  // printf abc | openssl dgst -sha256 -binary | base64
  const abc = 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=';
  expect(keptOf(dist).map(({ url }) => url)).toEqual([
    'assets/index-abc.js',
    'index.html',
    'models/lenslet-mini/config.json',
  ]);
  expect(keptOf(dist)[0]).toEqual({ url: 'assets/index-abc.js', revision: null, integrity: `sha256-${abc}` });
  put('index.html', 'abc');
  expect(keptOf(dist)[1]).toEqual({ url: 'index.html', revision: abc, integrity: `sha256-${abc}` });
});

test('a model file that changes in place is another', () => {
  const revision = () => keptOf(dist).find(({ url }) => url === 'models/lenslet-mini/config.json')!.revision;
  const before = revision();
  put('models/lenslet-mini/config.json', '{ }');
  expect(revision()).not.toBe(before);
});

test('what no page asks for is left out, and the engine is kept by flavour', () => {
  for (const name of [
    'sw.js',
    'open.html',
    'models/lenslet-mini/README.md',
    'models/lenslet-mini/card.json',
    'assets/a.woff',
    'assets/index.js.map',
    'THIRD-PARTY.txt',
  ])
    put(name, '');
  for (const name of [
    'ort.jspi.bundle.min-a.js',
    'ort-wasm.jspi-b.wasm',
    'ort.webgpu.bundle.min-c.js',
    'ort-wasm.asyncify-d.wasm',
  ])
    put(`assets/${name}`, '');
  const flavours = keptOf(dist).flatMap(({ url, flavour }) => (flavour ? [`${url} ${flavour}`] : []));
  expect(keptOf(dist)).toHaveLength(7);
  expect(flavours).toEqual([
    'assets/ort-wasm.asyncify-d.wasm asyncify',
    'assets/ort-wasm.jspi-b.wasm jspi',
    'assets/ort.jspi.bundle.min-a.js jspi',
    'assets/ort.webgpu.bundle.min-c.js asyncify',
  ]);
});

test('a verbalizer’s weights wait until they are asked for; what describes them does not', () => {
  for (const name of ['av/model.safetensors', 'ar/value_head.safetensors', 'av/nla_meta.yaml', 'controls.json'])
    put(`models/lenslet-mini/nla/${name}`, name);
  const asked = keptOf(dist).filter((file) => file.asked);
  expect(asked.map(({ url }) => url)).toEqual([
    'models/lenslet-mini/nla/ar/value_head.safetensors',
    'models/lenslet-mini/nla/av/model.safetensors',
  ]);
  expect(keptOf(dist).filter(({ url }) => url.includes('/nla/'))).toHaveLength(4);
});

test('what lies beside the page for another model is not kept until the store has it', () => {
  const sae = 'models/another/sae/blocks.10.hook_resid_post';
  for (const name of ['cfg.json', 'sae_weights.safetensors', 'features.safetensors', 'feature_stats.json'])
    put(`${sae}/${name}`, name);
  put('models/another/sae/index.json', '[]');
  put('models/lenslet-mini/sae/index.json', '[]');
  expect(
    keptOf(dist)
      .filter(({ url }) => url.startsWith('models/'))
      .map(({ url }) => url),
  ).toEqual(['models/lenslet-mini/config.json', 'models/lenslet-mini/sae/index.json']);
});
