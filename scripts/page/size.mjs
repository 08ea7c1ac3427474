import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseAst } from 'vite';
import { isMain, root } from '../prepare.mjs';

/** What the built page loads before the engine, and which engines were built. Run after `vite build`. */

export const LIMIT = 200_000;
const FLAVOURS = ['jspi', 'asyncify'];
/** The strict page and the one for models elsewhere: one application under two policies. */
const PAGES = ['index.html', 'open.html'];

/** Scripts and preloads of a page, as its attributes name them. */
function entries(/** @type {string} */ html) {
  const tags = html.match(/<(?:script|link)\b[^>]*>/g) ?? [];
  return tags
    .filter((tag) => /type="module"/.test(tag) || /rel="modulepreload"/.test(tag))
    .flatMap((tag) => /(?:src|href)="([^"]+)"/.exec(tag)?.[1] ?? []);
}

function staticImports(/** @type {string} */ code) {
  return parseAst(code).body.flatMap((node) => ('source' in node && node.source ? [node.source.value] : []));
}

/** Every script that a page loads without being asked: entries, preloads and what they import statically. Paths. */
export function initialScripts(/** @type {string} */ dist, page = 'index.html') {
  const found = /** @type {Set<string>} */ (new Set());
  const visit = (/** @type {string} */ file) => {
    if (found.has(file)) return;
    if (!existsSync(file)) throw new Error(`${relative(dist, file)} is loaded by the page but was not built.`);
    found.add(file);
    for (const source of staticImports(readFileSync(file, 'utf8'))) visit(resolve(dirname(file), source));
  };
  for (const url of entries(readFileSync(join(dist, page), 'utf8'))) visit(join(dist, url));
  return [...found];
}

/** The pages must load the same scripts, so that one figure holds for both, and nothing before they have read their
 *  policy. */
function pageProblems(/** @type {string} */ dist) {
  const [first, ...others] = PAGES.map((page) => {
    if (!existsSync(join(dist, page))) return { page, problem: `${page} was not built.` };
    const html = readFileSync(join(dist, page), 'utf8');
    const policy = html.indexOf('http-equiv="Content-Security-Policy"');
    const unpoliced = policy < 0 || /<(?:script|link|style|img)\b/.test(html.slice(0, policy));
    return {
      page,
      scripts: initialScripts(dist, page).sort().join(),
      problem: unpoliced ? `${page} has no Content-Security-Policy before what it loads.` : null,
    };
  });
  const apart = others
    .filter(({ scripts, problem }) => !problem && scripts !== first.scripts)
    .map(({ page }) => `${page} loads other scripts than ${first.page}.`);
  return [first, ...others].flatMap(({ problem }) => problem ?? []).concat(apart);
}

/** Measures a build; `problems` says what is wrong with it, nothing where all is well. */
export function measure(/** @type {string} */ dist) {
  const problems = /** @type {string[]} */ ([]);
  const scripts = initialScripts(dist).map((file) => {
    return { name: relative(dist, file), gzip: gzipSync(readFileSync(file), { level: 9 }).length };
  });
  const total = scripts.reduce((sum, { gzip }) => sum + gzip, 0);
  if (scripts.length === 0) problems.push('index.html loads no script.');
  problems.push(...pageProblems(dist));
  if (total > LIMIT)
    problems.push(
      `The page's own JavaScript is ${total} bytes gzipped; it must stay under ${LIMIT}. Load what is not needed at once lazily.`,
    );
  const engines = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /ort-wasm.*\.wasm$/.test(name),
  );
  for (const flavour of FLAVOURS) {
    const own = engines.filter((name) => name.includes(`.${flavour}`));
    if (own.length !== 1)
      problems.push(
        `${own.length} wasm files of ONNX Runtime's ${flavour} flavour were built; there must be one. ${own.join(', ')}`,
      );
  }
  const others = engines.filter((name) => !FLAVOURS.some((flavour) => name.includes(`.${flavour}`)));
  if (others.length > 0) problems.push(`ONNX Runtime was built in flavours that nothing uses: ${others.join(', ')}.`);
  return { scripts, total, engines, problems };
}

if (isMain(import.meta.url)) {
  const { scripts, total, engines, problems } = measure(join(root, 'dist'));
  for (const { name, gzip } of scripts) console.log(`${String(gzip).padStart(8)}  ${name}`);
  console.log(
    `${String(total).padStart(8)}  bytes gzipped before the engine, of at most ${LIMIT}; engines: ${engines.join(', ')}`,
  );
  for (const problem of problems) console.error(problem);
  process.exit(problems.length > 0 ? 1 : 0);
}
