import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHub } from '../tools/hub/server.mjs';
import { expect, OLD_MAN, type Page, settled, short, test } from './page';

test.use({ engine: 'own' });

const REPO = 'HuggingFaceTB/SmolLM2-135M-Instruct';
const BESIDE = 'models/smollm2-135m-instruct/';
const MINI = 'public/models/lenslet-mini';

/** A small model of the family under the large one's name: lenslet-mini's own tensors, read as a Llama. */
function plant(root: string): void {
  const folder = join(root, REPO);
  cpSync(MINI, folder, { recursive: true, filter: (path) => !/\/(?:sae|nla)$/.test(path) });
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const llama = { ...config, model_type: 'llama', architectures: ['LlamaForCausalLM'] };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(llama));
}

/** Answers with lenslet-mini's dictionaries where those of the large model lie; counts the answers. */
async function plantBeside(page: Page): Promise<{ asked: string[] }> {
  const asked: string[] = [];
  const lies = ({ pathname }: URL) => pathname.startsWith(`/${BESIDE}`);
  await page.route(lies, async (route) => {
    const path = new URL(route.request().url()).pathname.slice(BESIDE.length + 1);
    asked.push(path);
    const file = join(MINI, path);
    if (existsSync(file)) await route.fulfill({ body: readFileSync(file) });
    else await route.fulfill({ status: 404 });
  });
  return { asked };
}

test('a real model from the Hub with dictionaries beside the page: planned, fetched, read, and opened again from this browser alone', async ({
  page,
}) => {
  const root = mkdtempSync(join(tmpdir(), 'lenslet-real-'));
  plant(root);
  const hub = await startHub({ root });
  try {
    const beside = await plantBeside(page);
    const query = `?hub=${REPO}&endpoint=${hub.url}&dictionary=./${BESIDE}&layer=2&format=f16&provider=wasm`;
    await page.goto(`./${query}${short(OLD_MAN)}`);
    await page.getByTestId('see-plan').click();
    await expect(page.getByTestId('confirm-says')).toContainText(/ from 127\.0\.0\.1:\d+ and 10\.6 MB from this page/);
    expect(hub.log).toEqual([]);
    await page.getByTestId('confirm-open').click();
    await page.waitForURL((url) => url.pathname === '/open.html');
    await settled(page);
    const info = await page.evaluate(() => window.lenslet!.info);
    expect(info).toMatchObject({ provider: 'wasm', origin: { kind: 'hub', repo: REPO, asked: 'main' } });
    expect(info.sites.map(({ layer }) => layer)).toEqual([2]);
    expect(new URL(page.url()).searchParams.get('dictionary')).toBe(`./${BESIDE}`);
    // What is shown of it: its own example texts, a token's features, and the card of one.
    await page.getByRole('button', { name: 'Fact', exact: true }).click();
    await settled(page);
    await page.getByTestId('chip-4').click();
    await expect(page.getByTestId('chip-4')).toContainText('Fran');
    await page.locator('[data-testid^="feature-row-"] button').first().click();
    await expect(page.getByTestId('feature-label')).toBeVisible();

    await page.waitForLoadState('networkidle');
    const before = [hub.log.length, beside.asked.length];
    await page.goto('about:blank');
    await page.goto('./?provider=wasm');
    await settled(page);
    expect(new URL(page.url()).pathname).toBe('/');
    expect(await page.evaluate(() => window.lenslet!.info.origin)).toMatchObject({ repo: REPO });
    await page.waitForLoadState('networkidle');
    expect([hub.log.length, beside.asked.length]).toEqual(before);
  } finally {
    await hub.close();
    rmSync(root, { recursive: true, force: true });
  }
});

test('a model without a dictionary shows its tokens by surprisal, the next one, and what else could stand in their places', async ({
  page,
}) => {
  const root = mkdtempSync(join(tmpdir(), 'lenslet-real-'));
  plant(root);
  const hub = await startHub({ root });
  try {
    await page.goto(`./?hub=${REPO}&endpoint=${hub.url}&format=f16&provider=wasm${short(OLD_MAN)}`);
    await page.getByTestId('see-plan').click();
    await page.getByTestId('confirm-open').click();
    await page.waitForURL((url) => url.pathname === '/open.html');
    await settled(page);
    expect(await page.evaluate(() => window.lenslet!.info.sites)).toEqual([]);
    await expect(page.getByTestId('scale')).toHaveText(/^Surprisal 0 {1,2}[\d.]+ nats, a uniform guess$/);
    await page.getByTestId('chip-2').click();
    const readout = page.getByTestId('readout');
    await expect(readout).toHaveText(/position 2 · surprisal [\d.]+ nats$/);
    await expect(page.getByTestId('chip-2')).toHaveAttribute('aria-label', /position 2, surprisal [\d.]+ nats$/);

    await page.getByTestId('words-view').getByText('Logit lens').click();
    await expect(page.getByTestId('logit-lens').getByRole('list')).toHaveCount(1);
    await expect(page.getByTestId('logit-lens')).toContainText('Next token');
    await page.getByTestId('words-view').getByText('Alternatives').click();
    await expect(page.getByTestId('alternatives').getByRole('listitem').first()).toBeVisible();
    await page.getByTestId('words-view').getByText('Verbalizer').click();
    await expect(page.getByTestId('words')).toContainText('no dictionary is open with this model');
  } finally {
    await hub.close();
    rmSync(root, { recursive: true, force: true });
  }
});
