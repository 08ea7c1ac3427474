import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build } from 'vite';
import { fail, prepare, root } from './prepare.mjs';
import { runNode } from './run-command.mjs';

/** `npm run sdk`: the package in dist-sdk/, ES modules and their types. */

const types = join(root, 'dist-sdk/types');
const entries = ['lens/index.d.ts', 'worker/index.d.ts', 'lens/node.d.ts'].map((file) => join(types, file));

/** `from './x'` of a declaration, with what stands before and behind it. */
const RELATIVE = /(\bfrom '|\bimport\(')(\.{1,2}\/[^']+)(')/g;

/** Names files as Node does, `./x.js`, so that a consumer's TypeScript finds them under any module resolution, and takes away what no entry reaches. */
function finishTypes() {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = readFileSync(file, 'utf8').replaceAll('"', "'");
    for (const [, , path] of text.matchAll(RELATIVE)) visit(resolve(dirname(file), `${path}.d.ts`));
    writeFileSync(file, text.replace(RELATIVE, '$1$2.js$3'));
  };
  for (const entry of entries) visit(entry);
  for (const name of readdirSync(types, { recursive: true })) {
    const file = join(types, name);
    if (file.endsWith('.ts') && !reached.has(file)) rmSync(file);
  }
}

prepare();
await build({ root, configFile: join(root, 'vite.sdk.config.ts'), logLevel: 'warn' });
const { status } = await runNode(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.sdk.json'], { cwd: root, idle: 300 });
if (status !== 0) fail('The types could not be written; the compiler’s own message is above.');
finishTypes();
