import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package that a build took something from. */
export interface BundledPackage {
  name: string;
  version: string;
  /** As its package.json says it: an SPDX expression. */
  license: string;
  /** The texts of its licence and notice files. */
  texts: string[];
}

const LICENSE_FILES = /^(?:licen[cs]e|copying|notice|third-?party)/i;

/** `//` comments with which bundlers mark where a module that they took in came from: a package's own file may hold
 *  other packages. */
const TAKEN_IN = /^\/\/ .*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\//gm;

/** The package's folder in a module's path, or null if the module belongs to no package. */
export function folderOf(module: string): string | null {
  const path = module.replaceAll('\\', '/');
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? null;
}

/** Names of the packages that a module of a package took in when it was itself bundled. */
export function takenIn(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(TAKEN_IN), ([, name]) => name!))].filter((name) => name !== '.pnpm');
}

/** A package with its texts. `texts` is a folder with those of packages that come without: a folder `NAME@VERSION`
 *  each, so that another version asks for its own. Throws where there is no text. */
function packageAt(folder: string, texts: string): BundledPackage {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    'name' | 'version' | 'license',
    string
  >;
  const own = filesIn(folder).filter((file) => LICENSE_FILES.test(file));
  const kept = join(texts, `${name}@${version}`);
  const files = own.length > 0 ? own.map((file) => join(folder, file)) : filesIn(kept).map((file) => join(kept, file));
  if (files.length === 0)
    throw new Error(
      `${name}@${version} is bundled and comes without the text of its licence. Put the text into ${kept}.`,
    );
  return { name, version, license, texts: files.map((file) => readFileSync(file, 'utf8').trim()) };
}

/** Names of the plain files in a folder, sorted; none where there is no folder. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}

/** The packages that modules belong to, and those that these took in, once each, by name. `modules` are absolute paths;
 *  `root` is the folder whose node_modules holds what was taken in. Throws where a package is not there or has no
 *  licence text. */
export function packagesOf(modules: Iterable<string>, root: string, texts: string): BundledPackage[] {
  const folders = new Set<string>();
  for (const module of modules) {
    const folder = folderOf(module);
    if (!folder) continue;
    folders.add(folder);
    if (/\.[cm]?js$/.test(module))
      for (const name of takenIn(readFileSync(module, 'utf8'))) folders.add(join(root, 'node_modules', name));
  }
  const found = new Map(
    [...folders].map((folder) => packageAt(folder, texts)).map((one) => [`${one.name}@${one.version}`, one]),
  );
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
