import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {{ name: string, file: string, find: string, replace: string }} Mutation */

/** The text with `find` replaced. Throws unless `find` stands there exactly once: a mutant of code that no longer
 *  exists tests nothing. */
export function mutate(/** @type {string} */ text, /** @type {Mutation} */ { name, file, find, replace }) {
  const count = text.split(find).length - 1;
  if (count !== 1)
    throw new Error(`Stale mutant "${name}": ${file} holds ${JSON.stringify(find)} ${count} times, not once.`);
  return text.replace(find, () => replace);
}

/** Not part of the sources, or made anew where it is needed. */
const LEFT_OUT = new Set(['.git', 'node_modules', 'dist', 'test-results', 'playwright-report']);

/** What tools keep in node_modules for themselves. */
const CACHES = new Set(['.vite', '.vite-temp', '.vitest', '.cache']);

/** A copy of the repository in a temporary folder, with node_modules as hard links, so that tools find all packages
 *  inside the copy. The copy has its own caches. */
export function copyProject(/** @type {string} */ root) {
  const copy = mkdtempSync(join(tmpdir(), 'lenslet-mutants-'));
  for (const name of readdirSync(root))
    if (!LEFT_OUT.has(name)) cpSync(join(root, name), join(copy, name), { recursive: true });
  mkdirSync(join(copy, 'node_modules'));
  for (const entry of readdirSync(join(root, 'node_modules'), { withFileTypes: true })) {
    if (!CACHES.has(entry.name)) link(entry, join(root, 'node_modules'), join(copy, 'node_modules'));
  }
  return copy;
}

/** @param {import('node:fs').Dirent} entry
 *  @param {string} from
 *  @param {string} to */
function link(entry, from, to) {
  const [source, target] = [join(from, entry.name), join(to, entry.name)];
  if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
  else if (entry.isDirectory()) {
    mkdirSync(target);
    for (const child of readdirSync(source, { withFileTypes: true })) link(child, source, target);
  } else linkOrCopy(source, target);
}

function linkOrCopy(/** @type {string} */ source, /** @type {string} */ target) {
  try {
    linkSync(source, target);
  } catch (error) {
    // Another file system than the temporary folder's, or one without hard links.
    const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!['EXDEV', 'EPERM', 'ENOTSUP'].includes(code)) throw error;
    cpSync(source, target);
  }
}

/** What a report of Vitest's JSON reporter says: how many tests passed, and the full names of those that failed. */
export function outcome(/** @type {string} */ file) {
  /** @type {{ testResults: { assertionResults: { status: string, fullName: string }[] }[] }} */
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
  const assertions = testResults.flatMap((result) => result.assertionResults);
  return {
    passed: assertions.filter(({ status }) => status === 'passed').length,
    red: assertions.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  };
}

export function removeCopy(/** @type {string} */ copy) {
  rmSync(copy, { recursive: true, force: true });
}
