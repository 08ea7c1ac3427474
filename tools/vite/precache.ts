import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PrecachedFile } from '../../src/offline/precache.ts';

/** Files of a build that no page asks for offline: what is read by people, fonts for browsers that know no service
 *  worker, the page for models elsewhere. */
const LEFT_OUT = [/\.md$/, /\/card\.json$/, /\.woff$/, /\.map$/, /^open\.html$/, /^sw\.js$/, /^THIRD-PARTY\.txt$/];

/** Files for other models than the one that the page opens with: dictionaries that lie beside the page, of tens of
 *  megabytes. They go to the network when they are asked for; the browser's store keeps them with their model, and they
 *  open from there without one. */
const ELSEWHERE = /^models\/(?!lenslet-mini\/)/;

/** Weights that a page loads by the reader's word only. */
const ASKED = /\/nla\/.*\.safetensors$/;

/** A browser uses one of the engine's two builds: the one that `loadRuntime` chooses. */
function flavourOf(name: string): PrecachedFile['flavour'] {
  if (/\/ort[-.].*jspi/.test(name)) return 'jspi';
  return /\/ort[-.].*(?:asyncify|webgpu)/.test(name) ? 'asyncify' : undefined;
}

/** What the service worker keeps of a build, in the order of the names. Every font slice is among it: those with Han
 *  characters of lenslet-mini's tokenizer are nearly all of them (83 of 101), and a reader may type others. Names under
 *  `assets/` carry a hash; all other files get one, so that a file which is replaced under its old name is fetched
 *  again. `integrity` binds what is stored to the very bytes of the build: an old model in an HTTP cache cannot become
 *  the new page's. */
export function keptOf(dist: string): PrecachedFile[] {
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = files.map(({ parentPath, name }) =>
    join(parentPath, name).slice(join(dist, '/').length).replaceAll('\\', '/'),
  );
  return names
    .filter((name) => ![...LEFT_OUT, ELSEWHERE].some((pattern) => pattern.test(name)))
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(dist, name));
      const hash = createHash('sha256').update(bytes).digest('base64');
      const kept: PrecachedFile = {
        url: name,
        revision: name.startsWith('assets/') ? null : hash,
        integrity: `sha256-${hash}`,
      };
      if (ASKED.test(name)) return { ...kept, asked: true, bytes: bytes.length };
      const flavour = flavourOf(name);
      return flavour ? { ...kept, flavour } : kept;
    });
}
