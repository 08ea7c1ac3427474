import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkNode, fail, needsBuild, prepare, root } from '../prepare.mjs';

/** `npm run rehearse`: the real page opens a checkpoint of Qwen3-1.7B-Base's size and a layer of its dictionary from a
 *  look-alike of the Hub, leaves in the middle, comes again, has its connection cut, traces a text, and opens once more
 *  from what it kept. Numbers are noise; everything else is as it will be. */

const help = `npm run rehearse -- [options]
  --small           the same in small: minutes become seconds
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

// What is written down is the run in full.
if (flags.write && flags.small) fail('--write is of the run in full: leave --small out.');
checkNode();
prepare();
const [{ build, createServer, preview }, { chromium }, { findChromium }, { startHub }] = await Promise.all([
  import('vite'),
  import('playwright'),
  import('../install/chromium.mjs'),
  import('../../tools/hub/server.mjs'),
]);
const [
  { rehearsalFolder },
  { DICTIONARY, K, MODEL },
  { compareCodes, oracleCodes },
  { visit },
  { fill, problemsOf, render },
] = await Promise.all([
  import('./folder.mjs'),
  import('./qwen.mjs'),
  import('./codes.mjs'),
  import('./visit.mjs'),
  import('./report.mjs'),
]);

const size = flags.small ? 'small' : 'full';
const folder = resolve(flags.dir ?? join(tmpdir(), `lenslet-rehearsal-${size}`));
const profile = join(folder, 'profile');
const limit = 60 * Number(flags.minutes);
/** Shares: of the download, where the browser is closed; of the weights, where the connection is cut. The first matrix
 *  is more than half of the small weights, and what is not through with it is not kept. */
const [LEAVES, CUTS] = flags.small ? [0.45, 0.9] : [0.25, 0.6];
const onGpu = process.env.LENSLET_GPU === '1';
const say = (line) => console.log(line);

/** Traces the text in the open page; residuals and codes of every token. */
const traced = (page, layer) =>
  page.evaluate(
    async ([text, at]) => {
      const lens = window.lenslet;
      const began = performance.now();
      const trace = await lens.trace(text);
      const seconds = (performance.now() - began) / 1000;
      const residuals = [];
      for (const { position } of trace.tokens) residuals.push(...(await trace.residual(at, position)));
      const { ids, values, fvu, norm } = trace.site(at);
      const { adapter, software, format, memory, notices, contextLength } = lens.info;
      const facts = { adapter, software, format, memory, notices, contextLength };
      const codes = { ids: [...ids], values: [...values], fvu: [...fvu], norm: [...norm] };
      return { seconds, tokens: trace.tokens.length, residuals, codes, facts };
    },
    [TEXT, layer],
  );

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Bytes of all files under a folder. */
function bytesUnder(path) {
  const found = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return found.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** The library in Node. */
async function oracleOf(files, residuals) {
  const server = await createServer({
    root,
    logLevel: 'error',
    server: { middlewareMode: true, hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    const [{ readTorchFile }, oracle, halves] = await Promise.all(
      ['formats/torch-file.ts', 'kernels/oracle.ts', 'formats/halves.ts'].map((path) =>
        server.ssrLoadModule(`/src/lens/${path}`),
      ),
    );
    return await oracleCodes(folder, DICTIONARY, files.layer, K, Float32Array.from(residuals), {
      readTorchFile,
      oracle,
      halves,
    });
  } finally {
    await server.close();
  }
}

async function rehearse() {
  mkdirSync(folder, { recursive: true });
  const files = await rehearsalFolder({ root: folder, size, say });
  const bytesOf = (repo) =>
    Object.entries(files.files).reduce(
      (sum, [path, bytes]) => sum + (path.startsWith(repo) && !path.endsWith('.md') ? bytes : 0),
      0,
    );
  const weights = files.files[`${MODEL}/model.safetensors`];
  if (!flags.dist && needsBuild(root)) {
    say('Building the page.');
    await build({ root, logLevel: 'warn' });
  }
  const page = await preview({
    root,
    logLevel: 'warn',
    preview: { host: '127.0.0.1' },
    ...(flags.dist ? { build: { outDir: resolve(flags.dist) } } : {}),
  });
  const hub = await startHub({ root: folder, cdnPort: 0 });
  rmSync(profile, { recursive: true, force: true });
  const { path: executablePath } = await findChromium();
  const args = ['--no-sandbox', '--enable-unsafe-webgpu', ...(onGpu ? [] : ['--use-webgpu-adapter=swiftshader'])];
  const launch = () =>
    chromium.launchPersistentContext(profile, { executablePath, args, viewport: { width: 1440, height: 900 } });
  const query = new URLSearchParams({
    hub: MODEL,
    dictionary: DICTIONARY,
    layer: files.layer,
    format: flags.format,
    provider: 'webgpu',
    endpoint: hub.url,
  });
  const address = `${page.resolvedUrls.local[0]}open.html?${query}#p=${encodeURIComponent(TEXT)}`;
  const common = { profile, hub, address, limit, say };
  const model = `/cdn/${MODEL}/model.safetensors`;
  const requestsOf = (log) =>
    log.filter(({ path }) => path === model).map(({ range }) => Number(/=(\d+)/.exec(range ?? '')?.[1] ?? 0));
  let context;
  try {
    say('Hashes of the files, as the Hub has them.');
    for (const repo of [MODEL, DICTIONARY]) await hub.prepare(repo);

    context = await launch();
    const browser = `Chromium ${context.browser()?.version() ?? ''}`.trim();
    // In small, the download would be over before anybody could leave it.
    if (flags.small) hub.fault({ kind: 'slow', path: model, rate: 2e6, times: 3 });
    const first = await visit({ ...common, context, name: 'first visit', leave: (share) => share > LEAVES });
    await context.close();
    context = null;
    await new Promise((done) => setTimeout(done, 1000));
    first.settle();
    hub.clearFaults();

    const cut = Math.floor(weights * CUTS);
    hub.fault({ kind: 'cut', path: model, at: cut, times: 1 });
    context = await launch();
    const second = await visit({ ...common, context, name: 'second visit' });
    const seen = await traced(second.page, files.layer);
    const log = second.settle();
    second.stages.push({ name: 'trace', seconds: seen.seconds });
    if (seen.tokens > MOST_TOKENS) throw new Error(`The text has ${seen.tokens} tokens, more than ${MOST_TOKENS}.`);
    const begins = requestsOf(log).filter((begin) => begin > 0);
    await context.close();
    context = null;

    context = await launch();
    const third = await visit({ ...common, context, name: 'from the store' });
    const again = await traced(third.page, files.layer);
    third.settle();
    third.stages.push({ name: 'trace', seconds: again.seconds });
    await context.close();
    context = null;

    const kept = bytesUnder(join(profile, 'Default/File System'));
    say('The oracle, on the page’s own residuals.');
    const oracle = await oracleOf(files, seen.residuals);
    const codes = compareCodes(seen.codes, oracle, { rows: seen.tokens, k: K, width: oracle.width });
    codes.fvu = Math.max(...seen.codes.fvu.map((x, i) => Math.abs(x - oracle.fvu[i])));
    const visits = [first, second, third].map(({ name, opened, stages, requests, downloaded, peak }) => ({
      name,
      opened,
      stages,
      requests,
      downloaded,
      peak,
    }));
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
      visits,
      sink: { first: seen.codes.norm[0], median: median(seen.codes.norm.slice(1)) },
      codes,
      again: seen.codes.ids.filter(
        (id, i) => id !== again.codes.ids[i] || seen.codes.values[i] !== again.codes.values[i],
      ).length,
    };
  } finally {
    await context?.close();
    await hub.close();
    await new Promise((done) => page.httpServer.close(done));
    rmSync(profile, { recursive: true, force: true });
  }
}

const run = await rehearse();
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
