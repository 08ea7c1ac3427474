import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHub } from '../tools/hub/server.mjs';
import { expect, OLD_MAN, open, type Page, settled, short, test } from './page';

test.use({ engine: 'own' });

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const QWEN = 'Qwen/Qwen3-1.7B-Base';
const SAE = 'Qwen/SAE-Res-Qwen3-1.7B-Base-W32K-L0_50';
const MINI = 'public/models/lenslet-mini';

/** What is asked of other sites than the page's own. */
function foreignRequests(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^http/.test(protocol) && hostname !== '127.0.0.1') asked.push(request.url());
  });
  return asked;
}

const sheet = (page: Page) => page.getByTestId('models');

test('the sheet of models opens by a key and says of each what it is, takes, may and was verified', async ({
  page,
}) => {
  const asked = foreignRequests(page);
  await open(page);
  await page.locator('body').click({ position: { x: 5, y: 890 } });
  await page.keyboard.press('m');
  await expect(sheet(page)).toBeVisible();
  await expect(sheet(page).getByRole('article').first()).toContainText('lenslet-mini');
  await expect(page.getByTestId('model-mini')).toContainText('Verified against real weights');
  const qwen = page.getByTestId(`model-${QWEN}`);
  for (const words of [
    'Qwen-Scope',
    'Download 3.98 GB',
    '3.15',
    '2.20',
    '77 to 83 %',
    'Licence: Apache-2.0',
    'never opened it with the real weights',
  ])
    await expect(qwen).toContainText(words);
  await expect(page.getByTestId('model-Qwen/Qwen3-1.7B')).toContainText('“also reasonable”');
  await expect(sheet(page)).toContainText('interfere with model capabilities');
  await expect(page.getByTestId('kept-models')).toContainText('No large model yet');
  await page.keyboard.press('Escape');
  await expect(sheet(page)).toHaveCount(0);
  expect(asked).toEqual([]);
});

test('before a byte is fetched: this machine, the bytes, the host, the time; what fits neither software nor WebAssembly is refused', async ({
  page,
}) => {
  const asked = foreignRequests(page);
  await open(page);
  await page.getByTestId('open-models').click();
  await page.getByTestId(`choose-${QWEN}`).click();
  await expect(page.getByTestId('finding-webgpu')).toHaveText(/WebGPU is not asked for \(provider=wasm\)\.$/);
  await expect(page.getByTestId('finding-memory')).toHaveAttribute('data-answer', 'no');
  await expect(page.getByTestId('finding-memory')).toContainText('ends at 4.29 GB. It takes a GPU.');
  await expect(page.getByTestId('finding-room')).toContainText('Needs 3.71 GB of disk');
  await expect(page.getByTestId('confirm-says')).toContainText(
    'Fetches 3.98 GB from huggingface.co, 11 min at 50 Mbit/s; keeps 3.71 GB in this browser.',
  );
  await expect(page.getByTestId('confirm-says')).toContainText('open.html');
  await expect(page.getByTestId('confirm-open')).toBeDisabled();
  await expect(page.getByTestId('cannot')).toContainText('marked “no” above');
  await page.getByLabel('q8', { exact: true }).first().check();
  await expect(page.getByTestId('confirm-says')).toContainText('keeps 2.20 GB');
  await page.getByTestId('plan-layer').fill('10');
  await page.getByTestId('plan-layer').press('Enter');
  await page.getByRole('button', { name: 'Other models' }).click();
  await expect(page.getByTestId('model-mini')).toBeVisible();
  expect(asked).toEqual([]);
});

test('a link to a repository fetches nothing by itself; said yes to, the second page opens it; lenslet-mini is one press away', async ({
  page,
}) => {
  const asked = foreignRequests(page);
  await page.route('https://huggingface.co/**', (route) => route.abort());
  const query = `?hub=${QWEN}&dictionary=${SAE}&layer=10&format=q4&provider=webgpu`;
  await page.goto(`./${query}${short(OLD_MAN)}`);
  await expect(page.getByTestId('ask-hub')).toContainText(`${QWEN} from huggingface.co`);
  await expect(page.getByTestId('prompt')).toHaveValue(OLD_MAN);
  expect(asked).toEqual([]);
  await page.getByTestId('see-plan').click();
  await expect(page.getByTestId('plan-layer')).toHaveValue('10');
  // Software is let through where the address asks for WebGPU by name.
  await page.getByTestId('confirm-open').click();
  await page.waitForURL((url) => url.pathname === '/open.html' && url.search === query);
  await page.waitForFunction(() => document.documentElement.dataset.state === 'error', undefined, { timeout: 240_000 });
  expect(asked.length).toBeGreaterThan(0);
  await expect(page.getByTestId('error').first()).toBeVisible();
  await expect(page.getByTestId('prompt')).toHaveValue(OLD_MAN);
  await page.getByRole('button', { name: 'Open lenslet-mini instead' }).click();
  await page.waitForURL((url) => url.pathname === '/' && !url.searchParams.has('hub'));
  await settled(page);
  await expect(page.getByTestId('prompt')).toHaveValue(OLD_MAN);
});

test('an address that asks for what cannot be is refused by name, with a way back', async ({ page }) => {
  await page.goto('./?hub=../../etc&provider=wasm');
  await expect(page.getByTestId('error')).toHaveAttribute('data-error', 'InvalidOptionError');
  await page.getByRole('button', { name: 'Open lenslet-mini instead' }).click();
  await settled(page);
});

test('a picked folder is opened where it is, keeps the text, and leaves again', async ({ page }) => {
  const asked = foreignRequests(page);
  await open(page, short(OLD_MAN, '&s=2&f=11&e=2:11a1.5'));
  await page.getByTestId('open-models').click();
  // One that cannot be opened is refused in the sheet, and changes nothing of what is open.
  const broken = mkdtempSync(join(tmpdir(), 'lenslet-broken-'));
  cpSync(join(MINI, 'config.json'), join(broken, 'config.json'));
  await page.getByTestId('pick-folder').setInputFiles(broken);
  await page.getByTestId('confirm-open').click();
  await expect(page.getByTestId('refused')).toContainText('lenslet-mini stays open, with text, edits and run.');
  rmSync(broken, { recursive: true });
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('refused')).toBeVisible();
  await expect(page.getByTestId('steer-row-0')).toContainText('2:11');
  await expect(page.getByTestId('chip-1')).toBeVisible();
  await page.getByTestId('refused').getByRole('button', { name: 'Dismiss' }).click();
  // A file is taken by what it is.
  const dropped = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a)], 'a0-ready.png'));
    return data;
  });
  await page.dispatchEvent('body', 'drop', { dataTransfer: dropped });
  await expect(page.getByTestId('link-notices')).toContainText('a0-ready.png is a PNG picture.');
  await page.getByTestId('open-models').click();
  await page.getByTestId('pick-folder').setInputFiles(MINI);
  await expect(page.getByTestId('plan')).toContainText('6,819,840 parameters');
  await page.getByTestId('confirm-open').click();
  await settled(page);
  expect(await page.evaluate(() => window.lenslet!.info.origin)).toEqual({ kind: 'picked', name: 'lenslet-mini' });
  await expect(page.getByTestId('prompt')).toHaveValue(OLD_MAN);
  await expect(page.getByTestId('chip-1')).toBeVisible();
  // Its dictionaries might be others.
  await expect(page.getByTestId('link-notices')).toContainText('ids do not carry over');
  await page.getByTestId('open-models').click();
  await expect(page.getByTestId('open-facts')).toContainText('folder lenslet-mini');
  await page.getByTestId('open-mini').click();
  await settled(page);
  expect(await page.evaluate(() => window.lenslet!.info.model)).toContain('/models/lenslet-mini');
  expect(asked).toEqual([]);
});

test('labels from a file: counted, shown with where they are from, kept, removed', async ({ page }) => {
  await page.route('**/features.safetensors', (route) => route.fulfill({ status: 404 }));
  const hash = short(OLD_MAN, '&s=2&f=17');
  await open(page, hash);
  const box = page.getByTestId('import-labels');
  await expect(box).toContainText('No labels exist with this dictionary');
  await expect(page.getByRole('list', { name: 'Similar here' }).getByRole('listitem')).toHaveCount(10);
  const row = (index: number, description: string, layer = '2-res') =>
    JSON.stringify({ modelId: 'qwen', layer, index: String(index), description });
  const file = (text: string) => ({ name: 'batch-0.jsonl', mimeType: 'text/plain', buffer: Buffer.from(text) });
  await page.getByTestId('import-labels-file').setInputFiles(file('not labels'));
  await expect(box.getByTestId('error')).toContainText('batch-0.jsonl is not a file of labels: it is a text.');
  await page
    .getByTestId('import-labels-file')
    .setInputFiles(file([row(17, 'old age'), row(18, 'x'), row(19, 'x', '3-res'), row(9999, 'x')].join('\n')));
  await expect(box).toContainText('2 labels from batch-0.jsonl; left out: 1 of other layers, 1 of ids that it lacks.');
  await expect(page.getByTestId('feature-label')).toContainText('old age from a file, not measured here');
  await page.goto('about:blank');
  await open(page, hash);
  await expect(page.getByTestId('feature-label')).toContainText('old age');
  await expect(box).toContainText(
    '2 of 2,048 features have a label from batch-0.jsonl, which says it is of qwen 2-res',
  );
  await box.getByRole('button', { name: 'Remove labels' }).click();
  await expect(page.getByTestId('feature-label')).toHaveCount(0);
});

test('a repository: stopped half-way, gone on with, kept; its layers; opened again by a bare page without a network; verified, deleted', async ({
  page,
}) => {
  const root = mkdtempSync(join(tmpdir(), 'lenslet-models-'));
  cpSync(MINI, join(root, 'lens', 'mini'), { recursive: true });
  const hub = await startHub({ root });
  hub.fault({ kind: 'stall', path: '/cdn/*/model.safetensors', at: 7_000_000, times: 1 });
  try {
    const link = short(OLD_MAN, '&s=2&e=2:11a1.5').replace('16,12', '16,4');
    const query = `?hub=lens/mini&endpoint=${hub.url}&layer=2&format=q4&provider=webgpu`;
    await page.goto(`./${query}${link}`);
    await page.getByTestId('see-plan').click();
    await page.getByTestId('confirm-open').click();
    await page.waitForURL((url) => url.pathname === '/open.html');

    // The connection stands still; what has come is kept, and the rest is asked for from there.
    await expect(page.getByTestId('opening')).toContainText(/[5-9]\.\d of [\d.]+ MB/);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByTestId('error')).toContainText(/MB are kept: opened again, the download goes on from there/);
    const weights = () => hub.log.filter(({ path }) => path.includes('/cdn/') && path.endsWith('/model.safetensors'));
    const early = weights().length;
    await page.getByTestId('restart').click();
    await settled(page);
    expect(
      weights()
        .slice(early)
        .map(({ range }) => Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0) > 4_000_000),
    ).toContain(true);
    const info = await page.evaluate(() => window.lenslet!.info);
    expect(info).toMatchObject({
      format: 'q4',
      provider: 'webgpu',
      openable: [0, 2, 3],
      origin: { kind: 'hub', repo: 'lens/mini', asked: 'main' },
    });
    expect(info.sites.map(({ layer }) => layer)).toEqual([2]);
    await expect(page.getByTestId('steer-row-0')).toContainText('2:11');

    // Another layer keeps the text, and the edits of the other.
    await page.getByTestId('layer').selectOption('3');
    await page.getByRole('button', { name: 'Download layer 3' }).click();
    await expect.poll(() => page.evaluate(() => window.lenslet?.info.sites.map(({ layer }) => layer))).toEqual([3]);
    await settled(page);
    await expect(page.getByTestId('prompt')).toHaveValue(OLD_MAN);
    await expect(page.getByTestId('steer-row-0')).toContainText('Layer 2 is not open');

    // A bare page opens what was opened last, in the strict page, and asks nobody.
    const before = hub.log.length;
    await page.goto('about:blank');
    await page.goto('./?provider=webgpu');
    await settled(page);
    expect(new URL(page.url()).pathname).toBe('/');
    expect(await page.evaluate(() => window.lenslet!.info.origin)).toMatchObject({ repo: 'lens/mini' });
    expect(hub.log.length).toBe(before);

    // A link to a layer that is not kept asks, and nobody is asked for it meanwhile.
    await page.goto('about:blank');
    await page.goto(`./${query.replace('layer=2', 'layer=0')}`);
    await expect(page.getByTestId('ask-hub')).toBeVisible();
    expect(hub.log.length).toBe(before);
    // A view of the page's own model stays that after a reload, whatever was opened last.
    await open(page, short(OLD_MAN, '&s=2'));
    await page.reload();
    await settled(page);
    expect(await page.evaluate(() => window.lenslet!.info.model)).toContain('/models/lenslet-mini');

    await page.getByTestId('open-models').click();
    const entry = page.getByTestId('kept-entry').filter({ hasText: 'q4' });
    await expect(entry).toContainText('complete');
    await entry.getByRole('button', { name: /^Verify/ }).click();
    await expect(entry).toContainText('Every part is as it was written.');
    await entry.getByRole('button', { name: /^Delete/ }).click();
    await entry.getByRole('button', { name: /^Delete/ }).click();
    await expect(entry).toHaveCount(0);
  } finally {
    await hub.close();
    rmSync(root, { recursive: true, force: true });
  }
});

for (const [width, scheme] of [
  [1440, 'light'],
  [390, 'dark'],
] as const) {
  test(`axe has nothing serious to say of the models and of a plan, ${width} px, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 844 });
    await open(page);
    await page.getByTestId('open-models').click();
    await expect(page.getByTestId('usage')).toContainText('GB');
    const serious = () =>
      page.evaluate(async () => {
        const { axe } = window as unknown as {
          axe: { run: () => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
        };
        const { violations } = await axe.run();
        return violations
          .filter(({ impact }) => /serious|critical/.test(impact))
          .map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`);
      });
    await page.evaluate(axe);
    expect(await serious()).toEqual([]);
    await page.getByTestId(`choose-${QWEN}`).click();
    await expect(page.getByTestId('finding-webgpu')).toBeVisible();
    expect(await serious()).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
}
