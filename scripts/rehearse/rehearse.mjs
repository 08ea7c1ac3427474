import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startHub } from '../../tools/hub/server.mjs';
import { withBuild } from '../in-browser.mjs';
import { findChromium, WEBGPU } from '../install/chromium.mjs';
import { checkNode, fail, needsBuild, prepare, root } from '../prepare.mjs';
import { conversed } from './chats.mjs';
import { rehearsalFolder } from './folder.mjs';
import { DICTIONARY, K, MODEL } from './qwen.mjs';
import { fill, problemsOf, render } from './report.mjs';
import { visit } from './visit.mjs';

/** `npm run rehearse`: the real page opens a checkpoint of Qwen3-1.7B-Base's size and a layer of its dictionary from a
 *  look-alike of the Hub, leaves in the middle, comes again, has its connection cut, traces a text, opens once more from
 *  what it kept, and reads conversations. Numbers are noise; everything else is as it will be.
 *  @import { BrowserContext, Page } from 'playwright'
 *  @import { LookAlike } from '../../tools/hub/server.mjs' */

const help = `npm run rehearse -- [options]
  --small           the same in small, with the true vocabulary: a few minutes
  --dir FOLDER      for the files, which are kept, and the browser's profile, which is not (default: the system's temporary folder)
  --write           the results to docs/rehearsal.json and docs/rehearsal.md
  --format q4       or q8, f16
  --minutes 60      a visit may take
  --dist FOLDER     a build of the page that lies elsewhere
LENSLET_GPU=1 takes the machine's GPU instead of the software adapter.`;

const TEXT = 'The king said to his son, go into the forest.';
/** Bytes that JavaScript may hold. */
const LIMIT = 1.5e9;
const MOST_TOKENS = 16;

const { values: flags } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    dir: { type: 'string' },
    write: { type: 'boolean', default: false },
    format: { type: 'string', default: 'q4' },
    minutes: { type: 'string', default: '60' },
    dist: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (flags.help) {
  console.log(help);
  process.exit(0);
}

// Only a full run is written down.
if (flags.write && flags.small) fail('--write is of the run in full: leave --small out.');
checkNode();
prepare();

const size = flags.small ? 'small' : 'full';
const folder = resolve(flags.dir ?? join(tmpdir(), `lenslet-rehearsal-${size}`));
const profile = join(folder, 'profile');
const limit = 60 * Number(flags.minutes);
/** Shares: of the download, where the browser is closed; of the weights, where the connection is cut. The first matrix
 *  is nearly all of the small weights, and what is not through with a piece of it is not kept. */
const [LEAVES, CUTS] = flags.small ? [0.45, 0.9] : [0.25, 0.6];
const say = (/** @type {string} */ line) => console.log(line);

/** Traces the text in the open page; residuals and codes of every token. */
const traced = (/** @type {Page} */ page, /** @type {number} */ layer) =>
  page.evaluate(
    async ({ text, layer }) => {
      const lens = /** @type {import('../../src/lens/index').Lens} */ (window.lenslet);
      const began = performance.now();
      const trace = await lens.trace(text);
      const seconds = (performance.now() - began) / 1000;
      const residuals = [];
      for (const { position } of trace.tokens) residuals.push(...(await trace.residual(layer, position)));
      const { ids, values, fvu, norm } = trace.site(layer);
      const { adapter, software, format, memory, notices, contextLength } = lens.info;
      const facts = { adapter, software, format, memory, notices, contextLength };
      const codes = { ids: [...ids], values: [...values], fvu: [...fvu], norm: [...norm] };
      return { seconds, tokens: trace.tokens.length, residuals, codes, facts };
    },
    { text: TEXT, layer },
  );

const median = (/** @type {number[]} */ numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Bytes of all files under a folder. */
function bytesUnder(/** @type {string} */ path) {
  const found = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return found.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** Leaves in the middle, comes again and has the connection cut, opens from what was kept.
 *  @param {LookAlike} hub
 *  @param {string} address
 *  @param {number} layer
 *  @param {number} cut The byte of the weights at which the connection ends. */
async function threeVisits(hub, address, layer, cut) {
  const { chromium } = await import('playwright');
  const { path: executablePath } = await findChromium();
  const common = { profile, hub, address, limit, say };
  const model = `/cdn/${MODEL}/model.safetensors`;
  let browser = '';
  /** @template T
   *  @param {(context: BrowserContext) => Promise<T>} work */
  const inContext = async (work) => {
    const viewport = { width: 1440, height: 900 };
    const context = await chromium.launchPersistentContext(profile, { executablePath, args: WEBGPU, viewport });
    try {
      browser = `Chromium ${context.browser()?.version() ?? ''}`.trim();
      return await work(context);
    } finally {
      await context.close();
    }
  };
  /** @template T
   *  @param {string} name
   *  @param {(page: Page) => Promise<T>} then */
  const traceIn = (name, then) =>
    inContext(async (context) => {
      const seen = await visit({ ...common, context, name });
      const trace = await traced(seen.page, layer);
      const log = seen.settle();
      seen.stages.push({ name: 'trace', seconds: trace.seconds });
      return { seen, trace, log, more: await then(seen.page) };
    });

  // In small, the download would be over before anybody could leave it.
  if (flags.small) hub.fault({ kind: 'slow', path: model, rate: 2e6, times: 3 });
  const first = await inContext((context) =>
    visit({ ...common, context, name: 'first visit', leave: (share) => share > LEAVES }),
  );
  await new Promise((done) => setTimeout(done, 1000));
  first.settle();
  hub.clearFaults();

  hub.fault({ kind: 'cut', path: model, at: cut, times: 1 });
  const second = await traceIn('second visit', async () => null);
  const begins = second.log
    .filter(({ path }) => path === model)
    .map(({ range }) => Number(/=(\d+)/.exec(range ?? '')?.[1] ?? 0))
    .filter((begin) => begin > 0);
  const third = await traceIn('from the store', conversed);
  return {
    browser,
    visits: [first, second.seen, third.seen],
    seen: second.trace,
    again: third.trace,
    chats: third.more,
    begins,
  };
}

/** @param {LookAlike} hub
 *  @param {string} page The page's address. */
async function rehearse(hub, page) {
  const query = new URLSearchParams({
    hub: MODEL,
    dictionary: DICTIONARY,
    layer: String(files.layer),
    format: flags.format,
    provider: 'webgpu',
    endpoint: hub.url,
  });
  const cut = Math.floor(files.files[`${MODEL}/model.safetensors`] * CUTS);
  say('Hashes of the files, as the Hub has them.');
  for (const repo of [MODEL, DICTIONARY]) await hub.prepare(repo);
  const address = `${page}open.html?${query}#p=${encodeURIComponent(TEXT)}`;
  const { browser, visits, seen, again, chats, begins } = await threeVisits(hub, address, files.layer, cut);
  if (seen.tokens > MOST_TOKENS) throw new Error(`The text has ${seen.tokens} tokens, more than ${MOST_TOKENS}.`);

  const kept = bytesUnder(join(profile, 'Default/File System'));
  say('The oracle, on the page’s own residuals.');
  const { runnerImport } = await import('vite');
  const load = (/** @type {string} */ name) =>
    runnerImport(join(root, 'scripts/rehearse', name), { root, configFile: false, logLevel: 'warn' });
  /** @type {{ module: typeof import('./codes.mjs') }} */
  const { module } = await load('codes.mjs');
  /** @type {{ module: typeof import('./compare-chats.mjs') }} */
  const { module: reader } = await load('compare-chats.mjs');
  const path = `layer${files.layer}.sae.pt`;
  const oracle = await module.oracleCodes(join(folder, DICTIONARY), path, K, Float32Array.from(seen.residuals));
  const codes = module.compareCodes(seen.codes, oracle, { rows: seen.tokens, k: K, width: oracle.width });
  const bytesOf = (/** @type {string} */ repo) =>
    Object.entries(files.files).reduce(
      (sum, [path, bytes]) => sum + (path.startsWith(repo) && !path.endsWith('.md') ? bytes : 0),
      0,
    );
  return {
    size,
    model: MODEL,
    dictionary: DICTIONARY,
    layer: files.layer,
    format: seen.facts.format,
    text: TEXT,
    tokens: seen.tokens,
    machine: {
      browser,
      adapter: seen.facts.adapter,
      software: seen.facts.software,
      cores: cpus().length,
      memory: Math.round(totalmem() / 2 ** 30),
      date: new Date().toISOString().slice(0, 10),
    },
    files: { model: bytesOf(MODEL), dictionary: bytesOf(DICTIONARY) },
    kept,
    memory: seen.facts.memory,
    contextLength: seen.facts.contextLength,
    notices: seen.facts.notices,
    limit: LIMIT,
    faults: { closed: Math.min(...begins), cut, resumed: Math.max(...begins.filter((begin) => begin <= cut)) },
    visits: visits.map(({ name, opened, stages, requests, downloaded, peak }) => ({
      name,
      opened,
      stages,
      requests,
      downloaded,
      peak,
    })),
    sink: { first: seen.codes.norm[0], median: median(seen.codes.norm.slice(1)) },
    codes: { ...codes, fvu: Math.max(...seen.codes.fvu.map((x, i) => Math.abs(x - oracle.fvu[i]))) },
    chats: reader.compareChats(chats, reader.tokenizerIn(join(folder, MODEL))),
    again: seen.codes.ids.filter((id, i) => id !== again.codes.ids[i] || seen.codes.values[i] !== again.codes.values[i])
      .length,
  };
}

mkdirSync(folder, { recursive: true });
const files = await rehearsalFolder({ root: folder, size, say });
if (!flags.dist && needsBuild(root)) {
  say('Building the page.');
  const { build } = await import('vite');
  await build({ root, logLevel: 'warn' });
}
rmSync(profile, { recursive: true, force: true });
const hub = await startHub({ root: folder, cdnPort: 0 });
const run = await withBuild((page) => rehearse(hub, page), flags.dist && resolve(flags.dist)).finally(async () => {
  await hub.close();
  rmSync(profile, { recursive: true, force: true });
});
writeFileSync(join(folder, 'result.json'), `${JSON.stringify(run, null, 2)}\n`);
console.log(`\n${render(run)}\n`);
const problems = problemsOf(run);
for (const problem of problems) console.error(problem);
if (flags.write && !problems.length) {
  const [data, text] = ['docs/rehearsal.json', 'docs/rehearsal.md'].map((path) => join(root, path));
  writeFileSync(data, `${JSON.stringify(run, null, 2)}\n`);
  if (existsSync(text)) writeFileSync(text, fill(readFileSync(text, 'utf8'), run));
  console.log(`${text} written.`);
}
process.exit(problems.length ? 1 : 0);
