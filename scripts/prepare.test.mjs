import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isInstalled, needsBuild, nodeProblem } from './prepare.mjs';

test.each(['20.19.0', '20.20.2', '22.0.0'])('Node %s will do', (version) => {
  expect(nodeProblem(version)).toBe(null);
});

test.each(['18.20.8', '20.18.3', '19.99.0'])('Node %s is refused by name', (version) => {
  expect(nodeProblem(version)).toContain(`this is Node ${version}`);
});

const lock = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/vite': { version: '8.0.0' },
    'node_modules/sharp': { resolved: 'tools/empty-package', link: true },
    'node_modules/left-over': { extraneous: true },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
    'tools/empty-package': { version: '0.0.0' },
  },
};

test('packages are installed when each is there in its version; links, left-overs and absent optional ones do not count', () => {
  expect(isInstalled(lock, { packages: { 'node_modules/vite': { version: '8.0.0' } } })).toBe(true);
});

test.each([
  ['no record of an install', null],
  ['a package is missing', { packages: {} }],
  ['a package has another version', { packages: { 'node_modules/vite': { version: '7.0.0' } } }],
  [
    'an optional package has another version',
    { packages: { 'node_modules/vite': { version: '8.0.0' }, 'node_modules/other-platform': { version: '0.9.0' } } },
  ],
])('an install is needed: %s', (_, hidden) => {
  expect(isInstalled(lock, hidden)).toBe(false);
});

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lenslet-prepare-'));
  for (const name of ['src/deep', 'dist']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['index.html', 'src/deep/a.ts', 'dist/index.html']) writeFileSync(join(folder, name), '');
  for (const name of ['index.html', 'src/deep/a.ts', 'src/deep', 'src']) age(name, 1000);
  age('dist/index.html', 2000);
});

afterEach(() => rmSync(folder, { recursive: true }));

function age(/** @type {string} */ name, /** @type {number} */ seconds) {
  utimesSync(join(folder, name), seconds, seconds);
}

test('a build newer than every source is kept', () => {
  expect(needsBuild(folder)).toBe(false);
});

test('a build is needed when a source is newer, when one went away, and when there is none', () => {
  age('src/deep/a.ts', 3000);
  expect(needsBuild(folder)).toBe(true);
  age('src/deep/a.ts', 1000);
  rmSync(join(folder, 'src/deep/a.ts'));
  expect(needsBuild(folder)).toBe(true);
  age('src/deep', 1000);
  expect(needsBuild(folder)).toBe(false);
  rmSync(join(folder, 'dist'), { recursive: true });
  expect(needsBuild(folder)).toBe(true);
});
