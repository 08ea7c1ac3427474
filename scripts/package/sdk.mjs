import { chmodSync, copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, needsBuild, prepare, root } from '../prepare.mjs';
import { runNode } from '../run/run-command.mjs';
import { manifestOf } from './manifest.mjs';
import { finishTypes } from './types.mjs';

/** `npm run sdk`: the package in dist-sdk/: ES modules and their types, the program `lenslet`, the built page. `npm
 *  pack ./dist-sdk` makes a file of it. With `--built` the page is taken as it lies in dist/. With `--library`,
 *  modules, types and program alone: enough to import from this checkout, and, without a package.json, nothing that
 *  could be packed. */

const target = join(root, 'dist-sdk');
/** Source maps, and fonts in an older format: a browser that can run the page asks for the newer ones beside them. */
const LEFT_OUT = /\.(?:woff|map)$/;

const { library, built } = parseArgs({
  options: { library: { type: 'boolean', default: false }, built: { type: 'boolean', default: false } },
}).values;

prepare();
const { build } = await import('vite');
await build({ root, configFile: join(root, 'vite.sdk.config.ts'), logLevel: 'warn' });
const { status } = await runNode(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.sdk.json'], {
  cwd: root,
  idle: 600,
});
if (status !== 0) fail('The types could not be written; the compiler’s own message is above.');
// A checkout that is installed by its path is linked: npm sets this once, and each build writes the file anew.
chmodSync(join(target, 'cli.js'), 0o755);
finishTypes(join(target, 'types'), ['lens/index.d.ts', 'worker/index.d.ts', 'lens/node.d.ts']);

if (!library) {
  if (!built && needsBuild(root)) await build({ root, logLevel: 'warn' });
  cpSync(join(root, 'dist'), join(target, 'page'), { recursive: true, filter: (path) => !LEFT_OUT.test(path) });
  copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  copyFileSync(join(root, 'docs/package.md'), join(target, 'README.md'));
  // Last, so that what is left of an interrupted build cannot be packed.
  const checkout = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifestOf(checkout), null, 2)}\n`);
  console.log(`dist-sdk/ holds lenslet ${checkout.version}. “npm pack ./dist-sdk” makes one file of it.`);
}
