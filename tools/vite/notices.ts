import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { packagesOf } from '../notices/packages.ts';
import { noticeText } from '../notices/text.ts';

export const NOTICES = 'THIRD-PARTY.txt';

const texts = fileURLToPath(new URL('../notices/texts', import.meta.url));

/** Adds to `modules` the paths of everything that a build took in: modules of its chunks, and files such as fonts and
 *  wasm. A build within another, of a worker, needs it too. */
export function collected(modules: Set<string>): Plugin {
  let root = '';
  return {
    name: 'collected-modules',
    apply: 'build',
    configResolved(config) {
      root = config.root;
    },
    generateBundle(_, bundle) {
      for (const output of Object.values(bundle)) {
        const sources = output.type === 'chunk' ? output.moduleIds : output.originalFileNames;
        for (const source of sources)
          if (!source.startsWith('\0')) modules.add(resolve(root, source.split('?', 1)[0]!));
      }
    },
  };
}

/** Writes the licences of the packages that are among `modules` beside the build, when everything is built. `what`: the
 *  notice's first sentence. */
export function notices(modules: ReadonlySet<string>, what: string): Plugin {
  let folder = '';
  let root = '';
  return {
    name: 'third-party-notices',
    apply: 'build',
    configResolved(config) {
      root = config.root;
      folder = resolve(root, config.build.outDir);
    },
    writeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        writeFileSync(join(folder, NOTICES), noticeText(packagesOf(modules, root, texts), what));
      },
    },
  };
}
