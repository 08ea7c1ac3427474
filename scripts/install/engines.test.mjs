import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { firefoxPath, installEngines, mustHave, webKitPaths } from './engines.mjs';

let folder = '';
const program = (/** @type {string} */ name) => {
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

test('a Firefox is the one that is named, or one on the path; a name that leads nowhere is none', () => {
  const esr = program('firefox-esr');
  expect(firefoxPath()).toBe(esr);
  const other = program('other');
  vi.stubEnv('LENSLET_FIREFOX', other);
  expect(firefoxPath()).toBe(other);
  vi.stubEnv('LENSLET_FIREFOX', join(folder, 'none'));
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  expect(firefoxPath()).toBe(null);
  expect(said).toHaveBeenCalledWith(expect.stringMatching(/^LENSLET_FIREFOX names .*none, which is not there/));
  said.mockRestore();
});

test('a WebKit is its driver and a display, both', () => {
  const driver = program('WebKitWebDriver');
  expect(webKitPaths()).toBe(null);
  const display = program('Xvfb');
  expect(webKitPaths()).toEqual({ driver, display });
});

/** Debian packages that are asked for. */
async function askedFor() {
  const asked = /** @type {string[][]} */ ([]);
  await installEngines(async (packages) => asked.push(packages));
  return asked;
}

test('elsewhere nothing is installed', async () => {
  expect(await askedFor()).toEqual([]);
});

test.runIf(mustHave({ CI: 'true' }))('on CI, as root on Debian, what is missing is installed', async () => {
  vi.stubEnv('CI', 'true');
  expect(await askedFor()).toEqual([['firefox-esr'], ['webkit2gtk-driver', 'xvfb']]);
  program('firefox-esr');
  expect(await askedFor()).toEqual([['webkit2gtk-driver', 'xvfb']]);
});
