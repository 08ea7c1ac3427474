import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** `from './x'` of a declaration, with what stands before and behind it. */
const RELATIVE = /(\bfrom '|\bimport\(')(\.{1,2}\/[^']+)(')/g;

/** A package's name there: its types would have to be installed too. */
const PACKAGE = /(?:\bfrom '|\bimport\(')([^.'][^']*)'/;

/** Names files as Node does, `./x.js`, so that a consumer's TypeScript finds them under any module resolution, and
 *  removes the declarations that no entry reaches. `entries` are paths from the folder of the declarations. Throws if a
 *  file that is reached needs another package.
 *  @param {string} folder
 *  @param {string[]} entries */
export function finishTypes(folder, entries) {
  const reached = new Set();
  const visit = (/** @type {string} */ file) => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = readFileSync(file, 'utf8').replaceAll('"', "'");
    const other = PACKAGE.exec(text)?.[1];
    if (other) throw new Error(`${file} needs the types of ${other}, which does not come with the package.`);
    for (const [, , path] of text.matchAll(RELATIVE)) visit(resolve(dirname(file), `${path}.d.ts`));
    writeFileSync(file, text.replace(RELATIVE, '$1$2.js$3'));
  };
  for (const entry of entries) visit(join(folder, entry));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    if (file.endsWith('.ts') && !reached.has(file)) rmSync(file);
  }
}
