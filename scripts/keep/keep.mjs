import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { takeAll } from '../../fixtures/kept/storage.mjs';
import { startHub } from '../../tools/hub/server.mjs';
import { checkNode, fail, root } from '../prepare.mjs';
import { writeFolder } from './folder.mjs';
import { openLarge } from './large.mjs';
import { FRAGMENTS, QUERIES } from './links.mjs';
import { readAndSteer } from './mini.mjs';

/** `node scripts/keep/keep.mjs --to fixtures/kept/2`: one of each thing that a user of a build can have, made by using
 *  that build in a browser (docs/kept.md). What is there is never written again. `--build`: the build, dist/ where it
 *  is not said. */

const { values } = parseArgs({ options: { build: { type: 'string', default: 'dist' }, to: { type: 'string' } } });
checkNode();
if (!values.to) fail('node scripts/keep/keep.mjs --to fixtures/kept/N [--build DIR]');
const to = resolve(root, values.to);
if (existsSync(to)) fail(`${to} is there already, and what people had does not change.`);
const [{ preview }, { chromium }, { findChromium }] = await Promise.all([
  import('vite'),
  import('playwright'),
  import('../install/chromium.mjs'),
]);

const fixtures = join(root, 'src/lens/testing/fixtures');
const PLANTED = join(fixtures, 'planted-qwen3-untied-sharded');
const SAE = join(fixtures, 'planted-dictionary-L0_8');

const made = mkdtempSync(join(tmpdir(), 'lenslet-keep-'));
const write = (path, content) => {
  const file = join(made, 'kept', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    typeof content === 'string' || Buffer.isBuffer(content) ? content : `${JSON.stringify(content, null, 1)}\n`,
  );
};

/** Strengths of the hand-written edits: x the feature's maximum, as the dictionary's statistics have it in float32. */
function strengths(edits) {
  return edits.map(({ times, ...edit }) => {
    if (times === undefined) return edit;
    const file = join(root, `public/models/lenslet-mini/sae/blocks.${edit.layer}.hook_resid_post/feature_stats.json`);
    const most = Math.fround(JSON.parse(readFileSync(file, 'utf8')).max_activation[edit.feature]);
    return { ...edit, strength: times * most };
  });
}

writeFolder(PLANTED, join(made, 'kept/folder'));
write('links.json', {
  fragments: FRAGMENTS.map(({ means, ...link }) => ({ ...link, means: { ...means, edits: strengths(means.edits) } })),
  queries: QUERIES,
});

/** A Hub with Qwen3-1.7B-Base and a dictionary of Qwen-Scope's by name, and a mirror with another model: all of them
 *  small. */
const hubs = join(made, 'hubs');
const repo = (name, fill) => {
  const folder = join(hubs, name);
  mkdirSync(folder, { recursive: true });
  fill(folder);
};
repo('Qwen/Qwen3-1.7B-Base', (folder) => {
  writeFolder(PLANTED, folder);
  rmSync(join(folder, 'sae'), { recursive: true });
  writeFileSync(join(folder, 'README.md'), '---\nlicense: apache-2.0\n---\n');
});
repo('Qwen/SAE-Res-Qwen3-1.7B-Base-W32K-L0_50', (folder) =>
  copyFileSync(join(SAE, 'layer2.sae.pt'), join(folder, 'layer2.sae.pt')),
);
repo('planted/half', (folder) => writeFolder(PLANTED, folder));

const hub = await startHub({ root: hubs });
const server = await preview({
  root,
  build: { outDir: resolve(root, values.build) },
  preview: { host: '127.0.0.1', port: 0 },
  logLevel: 'warn',
});
const { path } = await findChromium();
const browser = await chromium.launch({
  executablePath: path,
  args: ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
});
let page;
try {
  const context = await browser.newContext({
    baseURL: server.resolvedUrls.local[0],
    serviceWorkers: 'block',
    viewport: { width: 1440, height: 900 },
  });
  page = await context.newPage();
  page.setDefaultTimeout(120_000);
  page.on('pageerror', (error) => console.error(error));
  await readAndSteer(page, write, FRAGMENTS[0].fragment);
  const told = JSON.parse(readFileSync(join(SAE, 'codes.json'), 'utf8'))['planted-qwen3-untied-sharded'];
  await openLarge(page, write, {
    hub,
    folder: join(made, 'kept/folder'),
    ids: JSON.parse(readFileSync(join(PLANTED, 'expected.json'), 'utf8')).ids,
    told,
  });

  const { files, session, ...kept } = await page.evaluate(takeAll);
  for (const [file, content] of Object.entries(files)) write(`opfs/${file}`, Buffer.from(content, 'base64'));
  write('browser.json', { ...kept, session });
  mkdirSync(dirname(to), { recursive: true });
  // The temporary folder may be on another disk.
  const { cpSync } = await import('node:fs');
  cpSync(join(made, 'kept'), to, { recursive: true });
  console.log(to);
} catch (error) {
  await page?.screenshot({ path: join(root, 'test-results/keep.png') });
  throw error;
} finally {
  await browser.close();
  await server.close();
  await hub.close();
  rmSync(made, { recursive: true, force: true });
}
process.exit(0);
