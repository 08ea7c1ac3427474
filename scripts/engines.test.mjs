import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findFirefox, findWebKit, mayInstall } from './engines.mjs';

let folder;
const program = (name) => {
  const file = join(folder, name);
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lenslet-engines-'));
  vi.stubEnv('PATH', folder);
  vi.stubEnv('LENSLET_FIREFOX', '');
  vi.stubEnv('CI', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const never = () => {
  throw new Error('Nothing was to be installed.');
};

test('a Firefox is the one that is named, or one on the path; a name that leads nowhere is an error', async () => {
  const esr = program('firefox-esr');
  expect(await findFirefox(never)).toBe(esr);
  const other = program('other');
  vi.stubEnv('LENSLET_FIREFOX', other);
  expect(await findFirefox(never)).toBe(other);
  vi.stubEnv('LENSLET_FIREFOX', join(folder, 'none'));
  await expect(findFirefox(never)).rejects.toThrow(/LENSLET_FIREFOX names .*none, which is not there/);
});

test('a WebKit is its driver and a display, both', async () => {
  const driver = program('WebKitWebDriver');
  expect(await findWebKit(never)).toBe(null);
  const display = program('Xvfb');
  expect(await findWebKit(never)).toEqual({ driver, display });
});

test.runIf(mayInstall({ CI: 'true' }))('on CI, as root on Debian, what is missing is installed, and must be there then', async () => {
  vi.stubEnv('CI', 'true');
  const asked = [];
  const install = async (packages) => {
    asked.push(packages);
    program('firefox-esr');
  };
  expect(await findFirefox(install)).toBe(join(folder, 'firefox-esr'));
  await expect(findWebKit(install)).rejects.toThrow(/webkit2gtk-driver and xvfb were installed, and yet/);
  expect(asked).toEqual([['firefox-esr'], ['webkit2gtk-driver', 'xvfb']]);
});
