import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { table } from '../docs/markdown.mjs';
import { withBuild, withChromium } from '../in-browser.mjs';
import { checkNode, prepare, root } from '../prepare.mjs';

/** Writes docs/screens/: the built page in every state that must be looked at before it is shown, at three widths,
 *  light and dark, on wasm. Run after `npm run build`. With words, only the states whose names contain them.
 *  @import { Browser, Page } from 'playwright' */

const SIZES = [
  [1440, 900],
  [1024, 768],
  [390, 844],
];
const LONG =
  '话说那老人走进门来，看见桌上放着一封信，便拿起来细看。信上写道：秋夜月明，风起叶落，故人远行，不知何日再见。老人看罢，叹了一口气，走到窗前，望着远山，久久不语。'.repeat(
    2,
  );

const ready = (/** @type {Page} */ page) =>
  page.waitForFunction(() => document.documentElement.dataset.state === 'ready', undefined, { timeout: 120_000 });
const done = (/** @type {Page} */ page) =>
  page.waitForSelector('[data-testid="run"][data-status="done"]', { state: 'attached', timeout: 120_000 });
/** Verbalizes the locked token, best of four samples. */
const verbalize = async (/** @type {Page} */ page) => {
  await ready(page);
  const tab = page.getByRole('navigation', { name: 'Regions' }).getByRole('button', { name: 'Words' });
  if (await tab.isVisible()) await tab.click();
  const words = page.locator('section.words');
  await words.getByText('4', { exact: true }).click();
  await words.getByRole('button', { name: 'Verbalize' }).click();
  await words.getByText(/^(High|Medium|Low)$/).waitFor({ timeout: 120_000 });
  await words.getByTestId('score').scrollIntoViewIfNeeded();
};
const KING = 'The king said to his son, "Go into the forest and bring me the golden bird."';
const fragment = (/** @type {string} */ text, rest = '') => `#p=${encodeURIComponent(text)}${rest}`;

/** Each state: the fragment, what is done to the network before, and what is waited for.
 *  @typedef {(page: Page) => Promise<unknown>} Act
 *  @type {Record<string, { hash: string, before?: Act, after: Act }>} */
const STATES = {
  opening: {
    hash: '',
    before: (page) => page.route('**/model.safetensors', () => {}),
    after: (page) => page.waitForSelector('[data-testid="recorded"]', { state: 'attached' }),
  },
  empty: { hash: '#p=', after: ready },
  loading: {
    hash: fragment('The old man looked at the'),
    before: (page) => page.route('**/model.safetensors', () => {}),
    after: (page) => page.waitForSelector('[data-testid="opening"] .stage-rule'),
  },
  chinese: {
    hash: fragment(LONG, '&t=21&g=0.7,0.95,16,24'),
    after: ready,
  },
  steered: {
    hash: '',
    after: async (page) => {
      await ready(page);
      const skip = page.getByRole('button', { name: 'Skip' });
      if (await skip.count()) await skip.click();
      await done(page);
      await ready(page);
    },
  },
  words: { hash: fragment(KING, '&s=3&t=14'), after: verbalize },
  log: {
    hash: fragment(KING, '&s=3&t=14'),
    after: async (page) => {
      await verbalize(page);
      await page.getByTestId('open-log').click();
      await page.getByTestId('log-counts').waitFor();
    },
  },
  failed: {
    hash: fragment('The old man looked at the', '&e=2:11a1.5'),
    before: (page) => page.route('**/model.safetensors', (route) => route.fulfill({ status: 200, body: 'cut short' })),
    after: (page) => page.waitForSelector('[data-testid="error"]'),
  },
};

const folder = join(root, 'docs/screens');
const words = process.argv.slice(2);

async function shoot(/** @type {Browser} */ browser, /** @type {string} */ address) {
  for (const [name, { hash, before, after }] of Object.entries(STATES)) {
    if (words.length && !words.some((word) => name.includes(word))) continue;
    for (const [width, height] of SIZES) {
      for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
        // Nothing kept from the shot before: each is somebody's first.
        const context = await browser.newContext({ viewport: { width, height }, colorScheme, serviceWorkers: 'block' });
        const page = await context.newPage();
        await before?.(page);
        await page.goto(`${address}?provider=wasm${hash}`);
        await after(page);
        if (width === 390 && name === 'steered')
          await page.getByRole('navigation', { name: 'Regions' }).getByRole('button', { name: 'Steer' }).click();
        await page.evaluate(() => document.fonts.ready);
        await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.jpg`), type: 'jpeg', quality: 72 });
        await context.close();
      }
    }
  }
}

checkNode();
prepare();
if (!words.length) rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await withBuild((address) => withChromium((browser) => shoot(browser, address), ['--no-sandbox']));
const cell = (/** @type {string} */ name, /** @type {number} */ width) =>
  `[light](screens/${name}-${width}-light.jpg), [dark](screens/${name}-${width}-dark.jpg)`;
const rows = Object.keys(STATES).map((name) => [name, ...SIZES.map(([width]) => cell(name, width))]);
writeFileSync(
  join(root, 'docs/screens.md'),
  `# The page in its states

Written by \`node scripts/page/screenshots.mjs\`.

${table(['state', ...SIZES.map(([width]) => `${width} px`)], rows)}
`,
);
process.exit(0);
