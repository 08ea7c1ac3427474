import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { letter } from './folder.mjs';
import { settled } from './page.mjs';

const HUB = 'https://huggingface.co';
const QWEN = 'Qwen/Qwen3-1.7B-Base';
const SAE = 'Qwen/SAE-Res-Qwen3-1.7B-Base-W32K-L0_50';
const LAYER = 2;
/** Tokens of the text that is traced. */
const TOKENS = 8;

/** @import { Page } from 'playwright'
 *  @import { LookAlike } from '../../tools/hub/server.mjs'
 *  @typedef {{ origin: { repo?: string, revision?: string }, resume?: Record<string, unknown>, read: number }} Manifest
 *  @returns {Promise<Manifest[]>} */
const manifests = (/** @type {Page} */ page) =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('lenslet-store');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const all = opening.result.transaction('manifests').objectStore('manifests').getAll();
          all.onsuccess = () => {
            opening.result.close();
            resolve(all.result);
          };
        };
      }),
  );

/** What the open model says of a text, as plain numbers. */
const readOut = (/** @type {Page} */ page, /** @type {string} */ text) =>
  page.evaluate(async (asked) => {
    const lens = /** @type {import('../../src/lens/index').Lens} */ (window.lenslet);
    const trace = await lens.trace(asked);
    const position = trace.tokens.length - 1;
    const sites = lens.info.sites.map(({ layer, width, k }) => {
      const { ids, values, fvu, norm } = trace.site(layer);
      const at = [position * k, (position + 1) * k];
      return {
        layer,
        width,
        k,
        ids: [...ids.slice(...at)],
        values: [...values.slice(...at)],
        fvu: fvu[position],
        norm: norm[position],
      };
    });
    const top = await trace.top(position, 5);
    const { format, provider, sha256, model } = lens.info;
    return {
      text: asked,
      tokens: trace.tokens.map(({ id }) => id),
      position,
      format,
      provider,
      sha256,
      model,
      sites,
      top,
    };
  }, text);

/** Codes as PyTorch has them: the dictionary's name says k 50 here and 8 there, so the first eight are compared.
 *  @typedef {{ ids: number[], values: number[] }} Codes
 *  @param {{ position: number, sites: Codes[] }} read
 *  @param {Codes} told */
function agree({ position, sites: [{ ids, values }] }, told) {
  for (let slot = 0; slot < 8; slot++) {
    const [id, value] = [told.ids[position * 8 + slot], told.values[position * 8 + slot]];
    if (ids[slot] !== id || Math.abs(values[slot] - value) > 1e-4 * Math.max(1, value))
      throw new Error(`slot ${slot}: ${ids[slot]} ${values[slot]}, PyTorch has ${id} ${value}`);
  }
}

/** Large models by their way, in small: one of the Hub with its dictionary, one of an address, and one that was
 *  interrupted. Leaves the page where it can be read out what all this left in the browser.
 *  @param {Page} page
 *  @param {import('./page.mjs').Write} write
 *  @param {{ hub: LookAlike, folder: string, ids: number[], told: { q8: Codes } }} given */
export async function openLarge(page, write, { hub, folder, ids, told }) {
  const text = Array.from(ids.slice(0, TOKENS), letter).join('');
  const fragment = `#p=${encodeURIComponent(text)}&g=0.7,0.95,16,3`;
  const session = {};
  const keepSession = async () => Object.assign(session, await page.evaluate(() => ({ ...sessionStorage })));

  // The Hub is answered by its look-alike, and another host's name stands in what is kept.
  await page.route(`${HUB}/**`, async (route) =>
    route.fulfill({ response: await route.fetch({ url: route.request().url().replace(HUB, hub.url) }) }),
  );
  await page.goto(`./?hub=${QWEN}&dictionary=${SAE}&layer=${LAYER}&format=q8&provider=webgpu${fragment}`);
  await page.getByTestId('see-plan').click();
  await page.getByTestId('confirm-open').click();
  await page.waitForURL((url) => url.pathname === '/open.html');
  await settled(page);
  await keepSession();
  const kept = await readOut(page, text);
  agree(kept, told.q8);
  await page.unroute(`${HUB}/**`);

  // The folder at an address, opened as it is and then kept.
  const served = '**/models/kept/**';
  await page.route(served, (route) => {
    const path = join(folder, new URL(route.request().url()).pathname.split('/models/kept/')[1]);
    try {
      return route.fulfill({ body: readFileSync(path) });
    } catch {
      return route.fulfill({ status: 404 });
    }
  });
  await page.goto('about:blank');
  await page.goto(`./?model=models/kept/&layer=${LAYER}&provider=wasm${fragment}`);
  await settled(page);
  const asFolder = await readOut(page, text);
  await page.goto('about:blank');
  await page.goto(`./?model=models/kept/&layer=${LAYER}&format=q8&provider=webgpu${fragment}`);
  await settled(page);
  await page.unroute(served);
  await page.goto('about:blank');
  // From the list, as that which no address names.
  await page.goto(`./?provider=webgpu${fragment}`);
  await settled(page);
  await page.getByTestId('open-models').click();
  await page
    .getByTestId('kept-entry')
    .filter({ hasText: 'models/kept' })
    .getByRole('button', { name: /^Open/ })
    .first()
    .click();
  await page.waitForFunction(() => window.lenslet?.info.format === 'q8');
  await settled(page);
  await keepSession();
  const ofAddress = await readOut(page, text);

  // Stopped within the second of three files.
  hub.fault({ kind: 'stall', path: '/cdn/planted/half/model-00002-of-00003.safetensors', at: 75_000 });
  await page.goto('about:blank');
  await page.goto(`./?hub=planted/half&endpoint=${hub.url}&format=q4&provider=webgpu${fragment}`);
  await page.getByTestId('see-plan').click();
  await page.getByTestId('confirm-open').click();
  await page.waitForURL((url) => url.pathname === '/open.html');
  await page.getByTestId('opening').waitFor();
  const half = async () =>
    /** @type {Manifest} */ ((await manifests(page)).find(({ origin }) => origin.repo === 'planted/half'));
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = await half();
    if (Date.now() > deadline)
      throw new Error(`The download was not stopped in its second file: ${JSON.stringify(found?.resume)}`);
    if (Object.keys(found?.resume ?? {}).includes('model-00002-of-00003.safetensors')) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // What comes still is part of what is kept: until nothing does.
  for (let before = -1; ; ) {
    const { read } = await half();
    if (read === before) break;
    before = read;
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByTestId('error').first().waitFor();
  const interrupted = await half();
  await page.goto('about:blank');

  write('expected.json', {
    kept,
    asFolder,
    ofAddress,
    half: { endpoint: hub.url, commit: interrupted.origin.revision, resume: interrupted.resume },
  });

  // What was opened last by name, for a page that is asked for nothing.
  await page.goto(`./?hub=${QWEN}&dictionary=${SAE}&layer=${LAYER}&format=q8&provider=webgpu${fragment}`);
  await settled(page);
  await page.goto('./empty.html');
  await keepSession();
  await page.evaluate((all) => {
    for (const [key, value] of Object.entries(all)) sessionStorage.setItem(key, value);
  }, session);
}
