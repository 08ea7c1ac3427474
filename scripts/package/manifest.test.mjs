import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../prepare.mjs';
import { manifestOf } from './manifest.mjs';

const checkout = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

test('the package has the checkout’s entries and its program, as paths from its own folder', () => {
  const { exports, bin } = manifestOf(checkout);
  expect(Object.keys(exports)).toEqual(['.', './worker', './node']);
  expect(exports['./node']).toEqual({ types: './types/lens/node.d.ts', import: './node.js' });
  expect(bin).toEqual({ lenslet: './cli.js' });
});

test('the package can be installed from a registry: not private, one dependency in one exact version', () => {
  const manifest = manifestOf(checkout);
  expect(Object.keys(manifest.dependencies)).toEqual(['onnxruntime-web']);
  expect(manifest.dependencies['onnxruntime-web']).toMatch(/^\d+\.\d+\.\d+$/);
  for (const key of ['private', 'overrides', 'devDependencies', 'scripts']) expect(manifest).not.toHaveProperty(key);
  expect(manifest).toMatchObject({
    name: 'lenslet',
    version: checkout.version,
    license: 'MIT',
    type: 'module',
    engines: checkout.engines,
  });
});
