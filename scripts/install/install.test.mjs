import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../prepare.mjs';

/** @type {import('../prepare.mjs').Lock} */
const { packages: lock } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

/** Every package under a node_modules folder, nested ones too, as a path from the repository's root.
 *  @returns {string[]} */
function packagesUnder(/** @type {string} */ folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) => {
      const path = `${folder}/${name}`;
      if (name.startsWith('@')) return packagesUnder(path);
      const own = readdirSync(join(root, path)).includes('node_modules') ? packagesUnder(`${path}/node_modules`) : [];
      return [path, ...own];
    });
}

describe('the packages', () => {
  test('there is one onnxruntime-web, in the lock and on the disk', () => {
    expect(Object.keys(lock).filter((path) => basename(path) === 'onnxruntime-web')).toEqual([
      'node_modules/onnxruntime-web',
    ]);
    expect(packagesUnder('node_modules').filter((path) => basename(path) === 'onnxruntime-web')).toEqual([
      'node_modules/onnxruntime-web',
    ]);
  });

  test.each(['onnxruntime-node', 'sharp'])('%s is the empty package', (name) => {
    expect(Object.entries(lock).filter(([path]) => path.endsWith(`node_modules/${name}`))).toEqual([
      [`node_modules/${name}`, { resolved: 'tools/empty-package', link: true }],
    ]);
    expect(realpathSync(join(root, 'node_modules', name))).toBe(realpathSync(join(root, 'tools/empty-package')));
  });

  test('install scripts are off, and only packages that do without theirs have one', () => {
    expect(readFileSync(join(root, '.npmrc'), 'utf8').split('\n')).toContain('ignore-scripts=true');
    const scripted = Object.entries(lock).filter(([, entry]) => entry.hasInstallScript);
    // protobufjs prints a notice there; webgpu (Dawn for Node) and fsevents are for development.
    const known = ['fsevents', 'protobufjs', 'webgpu'];
    expect(scripted.map(([path]) => basename(path)).filter((name) => !known.includes(name))).toEqual([]);
  });

  test('the lock records no address but this repository’s own folder, and a digest of everything that is installed here', () => {
    const elsewhere = Object.entries(lock).filter(
      ([, { resolved }]) => resolved !== undefined && resolved !== 'tools/empty-package',
    );
    expect(elsewhere).toEqual([]);
    // Builds of a tool for other platforms are named for those who have them; npm checks them against the registry.
    const unverified = Object.entries(lock).filter(
      ([path, { link, optional, os, integrity }]) =>
        path.startsWith('node_modules/') && !link && !(optional && os) && !integrity,
    );
    expect(unverified).toEqual([]);
  });
});
