import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { takeAll } from '../../fixtures/kept/storage.mjs';
import { startHub } from '../../tools/hub/server.mjs';
import { withBuild, withChromium } from '../in-browser.mjs';
import { checkNode, fail, root } from '../prepare.mjs';
import { writeFolder } from './folder.mjs';
import { openLarge } from './large.mjs';
import { FRAGMENTS, QUERIES } from './links.mjs';
import { readAndSteer } from './mini.mjs';

/** `node scripts/keep/keep.mjs --to fixtures/kept/2`: one of each thing that a user of a build can have, made by using
 *  that build in a browser (docs/kept.md). What is there is never written again. `--build`: the build, dist/ where it
 *  is not said.
 *  @import { Page } from 'playwright' */

const { values } = parseArgs({ options: { build: { type: 'string', default: 'dist' }, to: { type: 'string' } } });
checkNode();
if (!values.to) fail('node scripts/keep/keep.mjs --to fixtures/kept/N [--build DIR]');
const to = resolve(root, values.to);
if (existsSync(to)) fail(`${to} is there already, and what people had does not change.`);

const fixtures = join(root, 'src/lens/testing/fixtures');
const PLANTED = join(fixtures, 'planted-qwen3-untied-sharded');
const SAE = join(fixtures, 'planted-dictionary-L0_8');

const made = mkdtempSync(join(tmpdir(), 'lenslet-keep-'));
/** @type {import('./page.mjs').Write} */
const write = (path, content) => {
  const file = join(made, 'kept', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    typeof content === 'string' || Buffer.isBuffer(content) ? content : `${JSON.stringify(content, null, 1)}\n`,
  );
};

/** Strengths of the hand-written edits: x the feature's maximum, as the dictionary's statistics have it in float32. */
function strengths(/** @type {import('./links.mjs').LinkEdit[]} */ edits) {
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
const repo = (/** @type {string} */ name, /** @type {(folder: string) => void} */ fill) => {
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

/** Uses the build, and writes down what that left in the browser. */
async function use(/** @type {Page} */ page) {
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
}

try {
  await withBuild(
    (baseURL) =>
      withChromium(async (browser) => {
        const viewport = { width: 1440, height: 900 };
        const context = await browser.newContext({ baseURL, serviceWorkers: 'block', viewport });
        const page = await context.newPage();
        await use(page).catch(async (error) => {
          await page.screenshot({ path: join(root, 'test-results/keep.png') });
          throw error;
        });
      }),
    values.build,
  );
  mkdirSync(dirname(to), { recursive: true });
  // Copied: the temporary folder may be on another disk.
  cpSync(join(made, 'kept'), to, { recursive: true });
  console.log(to);
} finally {
  await hub.close();
  rmSync(made, { recursive: true, force: true });
}
process.exit(0);
