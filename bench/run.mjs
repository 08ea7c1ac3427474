import { execFileSync, fork } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createServer } from 'vite';
import { addressOf, withBuild, withChromium } from '../scripts/in-browser.mjs';
import { findChromium } from '../scripts/install/chromium.mjs';
import { messageOf, root } from '../scripts/prepare.mjs';

/** @import { ViteDevServer } from 'vite'
 *  @import { Results } from './results' */

const help = `npm run bench -- [options]
  --browser     in Chromium only          --dawn        on Dawn for Node only
  --page        the page only: frames, tasks, layout shift
  --quick       3 rounds instead of 20    --long        leave nothing out in software (half an hour and more)
  --json FILE   results to bench/out/FILE --write       the report to docs/bench.md
LENSLET_GPU=1 takes the machine's GPU instead of the software adapter.`;

const onGpu = process.env.LENSLET_GPU === '1';
const { values: flags } = parseArgs({
  options: {
    browser: { type: 'boolean' },
    dawn: { type: 'boolean' },
    page: { type: 'boolean' },
    quick: { type: 'boolean' },
    long: { type: 'boolean' },
    json: { type: 'string' },
    write: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

const size = { quick: flags.quick ?? false, long: flags.long ?? false };

/** The suite on a page in headless Chromium.
 *  @returns {Promise<Results>} */
const inBrowser = (/** @type {ViteDevServer} */ server) =>
  withChromium(async (browser) => {
    const page = await browser.newPage();
    page.on('console', (message) => console.error(message.text()));
    await page.goto(`${addressOf(server)}bench/`);
    await page.waitForFunction(() => window.bench !== undefined);
    const results = await page.evaluate(
      (options) => /** @type {NonNullable<typeof window.bench>} */ (window.bench)(options),
      {
        ...size,
        model: '/models/lenslet-mini/',
      },
    );
    return { ...results, host: `Chromium ${browser.version()}` };
  });

/** Where Chromium keeps its software Vulkan, so that Dawn finds an adapter on a Linux machine without a GPU. */
function softwareVulkan(/** @type {string} */ executablePath) {
  const places = [
    dirname(realpathSync(executablePath)),
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
    '/opt/google/chrome',
  ];
  const place = places.find((directory) => existsSync(join(directory, 'vk_swiftshader_icd.json')));
  if (onGpu || process.platform !== 'linux' || !place) return {};
  const libraries = [process.env.LD_LIBRARY_PATH, place].filter(Boolean).join(':');
  return { VK_ICD_FILENAMES: join(place, 'vk_swiftshader_icd.json'), LD_LIBRARY_PATH: libraries };
}

/** The suite's kernels in a Node process. Dawn may not let that process end by itself: it is ended once it has
 *  answered.
 *  @returns {Promise<Results>} */
function inDawn(/** @type {string} */ executablePath) {
  const child = fork(join(root, 'bench/dawn.mjs'), [JSON.stringify(size)], {
    env: { ...softwareVulkan(executablePath), ...process.env },
  });
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const { results, failure } = /** @type {{ results?: Results, failure?: string }} */ (message);
      child.kill('SIGKILL');
      if (results) resolve(results);
      else reject(new Error(failure));
    });
    child.on('exit', (code) => reject(new Error(`the process ended with code ${code} before it had results`)));
    child.on('error', reject);
  });
}

const busy = () => `${cpus().length} cores, load ${loadavg()[0].toFixed(1)} before it`;

/** The page as it is built, and how it moves. Built here, so that what is measured is what stands in the folder. */
async function onPage(/** @type {ViteDevServer} */ server) {
  const { pageFigures } = /** @type {typeof import('./smooth/measure')} */ (
    await server.ssrLoadModule('/bench/smooth/measure.ts')
  );
  const outDir = join(root, 'bench/out/page');
  // In a process of its own: the server here has set this one to development, which a build would take over.
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  execFileSync(process.execPath, [vite, 'build', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn'], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const began = performance.now();
  const load = busy();
  const measure = (/** @type {string} */ address) =>
    withChromium(
      async (browser) => {
        const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
        const figures = await pageFigures(page, address, size.quick ? 3 : 5, console.error);
        return { host: `Chromium ${browser.version()}`, load, figures, seconds: (performance.now() - began) / 1000 };
      },
      ['--no-sandbox'],
    );
  return withBuild(measure, outDir);
}

if (flags.help) {
  console.log(help);
  process.exit(0);
}
const all = !flags.browser && !flags.dawn && !flags.page;
const { path } = await findChromium();
const server = await createServer({
  root,
  logLevel: 'warn',
  cacheDir: join(root, 'node_modules/.vite/bench'),
  optimizeDeps: { entries: ['bench/index.html'] },
  server: { hmr: false, watch: null },
});
await server.listen();
const runs = /** @type {Results[]} */ ([]);
/** @type {[wanted: boolean | undefined, name: string, run: () => Promise<Results>][]} */
const hosts = [
  [all || flags.browser, 'Chromium', () => inBrowser(server)],
  [all || flags.dawn, 'Dawn for Node', () => inDawn(path)],
];
let failed = false;
for (const [wanted, name, run] of hosts) {
  if (!wanted) continue;
  console.error(`${name} ...`);
  try {
    const load = busy();
    runs.push({ ...(await run()), load });
  } catch (error) {
    failed ||= name === 'Chromium';
    console.log(`${name} could not run the bench: ${messageOf(error)}\n`);
  }
}
let page = null;
if (all || flags.page) {
  console.error('Page ...');
  try {
    page = await onPage(server);
  } catch (error) {
    failed = true;
    console.log(`The page could not be measured: ${messageOf(error)}\n`);
  }
}
if (runs.length > 0 || page) {
  const { report } = /** @type {typeof import('./report')} */ (await server.ssrLoadModule('/bench/report.ts'));
  const text = report(runs, page);
  console.log(text);
  if (flags.json) {
    mkdirSync(join(root, 'bench/out'), { recursive: true });
    writeFileSync(join(root, 'bench/out', basename(flags.json)), `${JSON.stringify({ runs, page }, null, 2)}\n`);
  }
  if (flags.write) {
    const head = `# Bench\n\nWritten by \`npm run bench -- --write\`${flags.quick ? ' with `--quick`' : ''} on ${new Date().toISOString().slice(0, 10)}. How to read it: \`bench/README.md\`.\n\n`;
    writeFileSync(join(root, 'docs/bench.md'), head + text);
  }
}
await server.close();
process.exit(failed || (runs.length === 0 && !page) ? 1 : 0);
