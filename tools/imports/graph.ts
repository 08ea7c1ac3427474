import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { parseSync } from 'vite';

/** One file's imports. Paths are from the project's root, with `/`. */
export interface Imports {
  /** Files of this project; static, dynamic and type imports alike. */
  imports: readonly string[];
  /** What is loaded along with it: files and packages of its static imports, types left out. */
  loads: readonly string[];
  /** Files whose names it hands on by `export … from`. */
  handsOn: readonly string[];
}

const SOURCE = /\.tsx?$/;
/** `import('./x')` and `new URL('./x', import.meta.url)`, which starts a worker. */
const BY_CALL = /(?:\bimport\(\s*|\bnew URL\(\s*)(['"])(\.[^'"]*)\1/g;

/** The imports of every TypeScript file below `folder`. */
export function importGraph(root: string, folder: string): Map<string, Imports> {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => relative(root, join(root, folder, path)).replaceAll('\\', '/'))
    .filter((path) => SOURCE.test(path) && statSync(join(root, path)).isFile());
  return new Map(files.sort().map((file) => [file, importsOf(root, file)]));
}

function importsOf(root: string, file: string): Imports {
  const text = readFileSync(join(root, file), 'utf8');
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]!.message}`);
  const files = (specifiers: readonly string[]) => [
    ...new Set(specifiers.flatMap((specifier) => resolve(root, file, specifier))),
  ];
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType }) => (moduleRequest ? { from: moduleRequest.value, isType } : [])),
  );
  const named = module.staticImports.map(({ moduleRequest, entries }) => ({
    from: moduleRequest.value,
    isType: entries.length > 0 && entries.every((entry) => entry.isType),
  }));
  const called = Array.from(text.matchAll(BY_CALL), ([, , specifier]) => specifier!);
  const loaded = [...named, ...exported].filter(({ isType }) => !isType).map(({ from }) => from);
  return {
    imports: files([...named, ...exported].map(({ from }) => from).concat(called)),
    loads: [...files(loaded), ...new Set(loaded.filter((from) => !from.startsWith('.')))],
    handsOn: files(exported.map(({ from }) => from)),
  };
}

/** Everything that is loaded along with these files. */
export function loadedWith(graph: ReadonlyMap<string, Pick<Imports, 'loads'>>, files: readonly string[]): Set<string> {
  const seen = new Set(files);
  for (const file of seen) for (const next of graph.get(file)?.loads ?? []) seen.add(next);
  return seen;
}

/** The TypeScript file that a relative specifier names, if any. */
function resolve(root: string, from: string, specifier: string): string[] {
  if (!specifier.startsWith('.')) return [];
  const path = posix.join(posix.dirname(from), specifier.replace(/[?#].*$/, ''));
  return [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`]
    .filter((candidate) => SOURCE.test(candidate) && existsSync(join(root, candidate)))
    .slice(0, 1);
}

/** Groups of files that import each other in a loop (strongly connected components of more than one; Tarjan 1972). */
export function circles(graph: ReadonlyMap<string, Pick<Imports, 'imports'>>): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const visit = (file: string) => {
    order.set(file, order.size);
    low.set(file, order.get(file)!);
    open.push(file);
    for (const next of graph.get(file)?.imports ?? []) {
      if (!order.has(next)) visit(next);
      if (open.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!));
    }
    if (low.get(file) !== order.get(file)) return;
    const group = open.splice(open.indexOf(file));
    if (group.length > 1) found.push(group.sort());
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}

/** The folder of a file, or one of the names given that it lies in: the longest. */
export function placeOf(file: string, places: readonly string[]): string {
  const inside = places.filter((place) => file === place || file.startsWith(`${place}/`));
  return inside.sort((a, b) => b.length - a.length)[0] ?? dirname(file);
}
