import { expect, test } from '@playwright/test';
import { expectSampling, inBrowser, LONG, leave, number, paste, readJson, settled } from './kept';

const kept = inBrowser();

/** Databases, their stores and the keys under which the page keeps its choices: whoever takes one away takes away what
 *  people have. */
test('the fixture has all that a browser can have of the page', () => {
  const stores = kept.databases.map(({ name, version, stores: of }) => [
    name,
    version,
    of.map((store) => [store.name, store.records.length > 0]),
  ]);
  expect(stores).toEqual([
    ['lenslet-labels', 1, [['labels', true]]],
    ['lenslet-log', 1, [['entries', true]]],
    [
      'lenslet-notebook',
      1,
      [
        ['entries', true],
        ['runs', true],
      ],
    ],
    ['lenslet-store', 1, [['manifests', true]]],
  ]);
  expect(Object.keys(kept.local).sort()).toEqual([
    'lenslet-first-look',
    'lenslet-last',
    'lenslet-letters',
    'lenslet-theme',
  ]);
  expect(Object.keys(kept.session).sort()).toEqual(['lenslet-agreed', 'lenslet-here', 'lenslet-view']);
  for (const path of Object.keys(kept.files)) expect(path).toMatch(/^lenslet\/parts\/[0-9a-f]{64}$/);
});

test('notebook, log, labels, theme, keys and the view of a tab that is reloaded are found again', async ({ page }) => {
  test.setTimeout(540_000);
  await page.route('**/features.safetensors', (route) => route.fulfill({ status: 404 }));
  const { 'lenslet-last': _, ...local } = kept.local;
  const view = readJson<Record<string, string>>('reloaded.json')['lenslet-view']!;
  await leave(page, './?provider=wasm#p=Another+text', {
    databases: kept.databases,
    local,
    session: { 'lenslet-view': view },
  });
  await page.reload();
  await settled(page);

  await test.step('the view', async () => {
    await expect(page.getByTestId('prompt')).toHaveValue('She walked along the river', LONG);
    await expect(page.getByTestId('steer-row-0')).toContainText('3:40');
    await expect(page.getByTestId('steer-row-1')).toContainText('3:328');
    await expect(page.locator('[data-testid^="chip-"][aria-selected="true"]')).toHaveCount(3);
    await expect(page.getByTestId('site').locator('input:checked')).toHaveValue('3');
    await expectSampling(page, { temperature: 0, topP: 1, seed: 7, maxTokens: 3 });
    await expect(page.getByText('no. 2', { exact: true })).toBeVisible();
  });

  await test.step('theme and keys', async () => {
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await page.locator('body').click({ position: { x: 5, y: 890 } });
    await page.keyboard.press('m');
    await page.keyboard.press('n');
    // Esc is no letter: it lets the selection go, and tells that both were heard.
    await page.keyboard.press('Escape');
    await expect(page.locator('[data-testid^="chip-"][aria-selected="true"]')).toHaveCount(0);
    await expect(page.locator('dialog[open]')).toHaveCount(0);
    await page.getByTestId('open-keys').click();
    await expect(page.getByRole('checkbox', { name: 'Single letters and signs are keys' })).not.toBeChecked();
    await page.keyboard.press('Escape');
  });

  await test.step('the notebook', async () => {
    const stored = kept.databases.find(({ name }) => name === 'lenslet-notebook')!.stores;
    const runs = stored.find(({ name }) => name === 'runs')!.records;
    await page.getByTestId('open-notebook').click();
    await expect(page.getByTestId('entry-2-11')).toContainText('Own name');
    await expect(page.getByTestId('entry-2-11')).toContainText('Another, 汉.');
    await expect(page.getByTestId('entry-3-40')).toContainText('Only a note.');
    // The view's own run is among those that are kept: it was run before, and is renewed.
    await expect(page.getByTestId('notebook-run')).toHaveCount(runs.length);
    await page.keyboard.press('Escape');
  });

  await test.step('the log', async () => {
    const { records } = kept.databases.find(({ name }) => name === 'lenslet-log')!.stores[0]!;
    await page.getByTestId('open-log').click();
    await expect(page.getByTestId('log-row')).toHaveCount(records.length);
    const ids = await page
      .getByTestId('log-row')
      .evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.id!));
    expect(ids.sort()).toEqual(records.map(({ key }) => key as string).sort());
    await expect(page.getByTestId('log-row').filter({ hasText: 'pinned' })).toHaveCount(1);
    await page.keyboard.press('Escape');
  });

  await test.step('labels', async () => {
    await paste(page, 'p=The+old+man&s=2&f=11&g=0.7,0.95,16,3');
    await expect(page.getByTestId('prompt')).toHaveValue('The old man', LONG);
    await settled(page);
    await expect(page.getByTestId('feature-label')).toContainText('old people');
    await expect(page.getByTestId('import-labels')).toContainText('2 of 2,048 features have a label from labels.jsonl');
    await expect(number(page, 'Seed')).toHaveValue('16');
  });
});

test('a folder that was open in a tab and is not at hand after a reload: its text stays, and what was of its dictionaries goes', async ({
  page,
}) => {
  test.setTimeout(540_000);
  await leave(page, './?provider=wasm#p=Before', {
    session: { 'lenslet-here': '{"picked":"my-folder"}', 'lenslet-view': 'p=She+walked&s=3&e=3:40a0.5' },
  });
  await page.reload();
  await settled(page);
  await expect(page.getByTestId('prompt')).toHaveValue('She walked', LONG);
  await expect(page.getByTestId('link-notices')).toContainText('my-folder');
  await expect(page.locator('[data-testid^="steer-row-"]')).toHaveCount(0);
});
