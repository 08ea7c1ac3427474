import { readFileSync } from 'node:fs';
import { figuresHold } from './figures';
import { expect, OLD_MAN, open, type Page, ran, settled, short, steerFirst, test } from './page';

/** Rows of a downloaded table without its head. */
const rowsOf = (csv: string): string[] => csv.replace('\uFEFF', '').trim().split('\r\n').slice(1);

/** The strongest feature of the text, which the card shows when nothing is chosen. */
async function firstFeature(page: Page): Promise<{ layer: string; id: string; name: string }> {
  const name = (await page.getByRole('region', { name: 'Chosen feature' }).getByRole('heading').first().textContent())!;
  const [layer, id] = name.split(':');
  return { layer: layer!, id: id!, name };
}

async function openNotebook(page: Page): Promise<void> {
  await page.getByTestId('open-notebook').click();
  await expect(page.getByTestId('notebook')).toBeVisible();
}

const kept = (page: Page) => expect(page.getByTestId('kept')).toHaveText('Saved on this machine');

/** Bytes and name of what a click downloads. */
async function saved(page: Page, click: () => Promise<void>): Promise<{ name: string; text: string; path: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  const path = await download.path();
  return { name: download.suggestedFilename(), text: readFileSync(path, 'utf8'), path };
}

async function keepOne(page: Page): Promise<{ layer: string; id: string; name: string }> {
  const feature = await firstFeature(page);
  await page.getByTestId('pin').click();
  await page.getByTestId('rename').click();
  await page.getByTestId('name-box').fill('Own name');
  await page.getByTestId('name-box').press('Enter');
  await page.getByTestId('note').fill('First line.\nAnother, 汉.');
  await kept(page);
  return feature;
}

test('a pin, a name and a note are there again after a reload; the name stands where the label stood, the pinned feature is the first row of every text', async ({
  page,
}) => {
  await open(page);
  const { layer, id } = await keepOne(page);
  const rows = page.locator('[data-testid^="feature-row-"]');
  await expect(rows.first()).toHaveAttribute('data-testid', `feature-row-${id}`);
  await page.reload();
  await settled(page);
  await expect(page.getByTestId('own-name')).toHaveText('Own name');
  await expect(page.getByTestId('note')).toHaveValue('First line.\nAnother, 汉.');
  await expect(page.getByTestId('pin')).toHaveText('Unpin');
  await expect(page.getByTestId(`feature-row-${id}`)).toContainText('Own name');
  await expect(page.getByTestId('cut')).toContainText(/^1 pinned, then 11 of the \d+/);
  // Where it is not active it stays the first row, with an empty strip, and no row moves.
  await page.getByTestId('prompt').fill('老人');
  await settled(page);
  await expect(rows.first()).toHaveAttribute('data-testid', `feature-row-${id}`);
  await expect(rows.first()).toContainText(/Own name, pinned/);
  await expect(rows).toHaveCount(12);
  await page.getByTestId('prompt').fill(OLD_MAN);
  await settled(page);
  // The list of pinned features, and back.
  await page.getByTestId('list').getByRole('radio', { name: 'Pinned' }).check();
  const row = page.getByTestId(`pinned-${layer}-${id}`);
  await expect(row).toContainText('Own name');
  await expect(row).toContainText('First line.');
  // What the values are over: the text, a token, or a selection.
  const head = page.getByTestId('pinned').locator('.list-head');
  await expect(head).toContainText(`largest value in the text, first token left out; layer ${layer}`);
  await page.getByTestId('chip-1').click();
  await expect(head).toContainText(/largest value on “.+”; layer/);
  await page.getByTestId('chip-3').click({ modifiers: ['Shift'] });
  await expect(head).toContainText('largest value on tokens 1 to 3; layer');
  await row.getByRole('button', { name: /unpin/i }).click();
  await expect(row).toHaveCount(0);
  await expect(page.getByTestId('own-name')).toHaveText('Own name');
});

test('a name is left as it was by Esc, and an empty one gives the label back', async ({ page }) => {
  await open(page, short(OLD_MAN, '&t=2'));
  await keepOne(page);
  await page.getByTestId('rename').click();
  await page.getByTestId('name-box').fill('Another');
  await page.getByTestId('name-box').press('Escape');
  await expect(page.getByTestId('own-name')).toHaveText('Own name');
  // Esc was the box's: the token stays locked.
  await expect(page.getByTestId('chip-2')).toHaveAttribute('aria-selected', 'true');
  await page.getByTestId('rename').click();
  await page.getByTestId('name-box').fill('');
  await page.getByTestId('name-box').press('Enter');
  await expect(page.getByTestId('own-name')).toHaveText('');
});

test('Enter and Esc that an input method takes for its own word leave the name open', async ({ page }) => {
  await open(page, short(OLD_MAN, '&t=2'));
  await page.getByTestId('rename').click();
  const name = page.getByTestId('name-box');
  await name.fill('汉');
  for (const key of ['Enter', 'Escape'])
    await name.dispatchEvent('keydown', { key, isComposing: true, bubbles: true, cancelable: true });
  await expect(name).toHaveValue('汉');
  await expect(page.getByTestId('chip-2')).toHaveAttribute('aria-selected', 'true');
  await name.press('Enter');
  await expect(page.getByTestId('own-name')).toHaveText('汉');
});

test('the filter leaves the entries that hold all its words, and says where none does', async ({ page }) => {
  await open(page);
  const first = await keepOne(page);
  // Another feature of the list.
  const rows = page.locator('[data-testid^="feature-row-"]');
  const id = (await rows.nth(1).getAttribute('data-testid'))!.replace('feature-row-', '');
  await rows.nth(1).getByRole('button').first().click();
  await expect(page.getByRole('region', { name: 'Chosen feature' }).getByRole('heading').first()).toHaveText(
    `${first.layer}:${id}`,
  );
  await page.getByTestId('note').fill('Only here.');
  await kept(page);
  await openNotebook(page);
  const filter = page.getByTestId('notebook-filter');
  const listed = page.locator('[data-testid^="entry-"]');
  await expect(listed).toHaveCount(2);
  await filter.fill('own LINE');
  await expect(listed).toHaveCount(1);
  await expect(page.getByTestId(`entry-${first.layer}-${first.id}`)).toBeVisible();
  await filter.fill(`${first.layer}:${id}`);
  await expect(page.getByTestId(`entry-${first.layer}-${id}`)).toBeVisible();
  await expect(listed).toHaveCount(1);
  await filter.fill('own only');
  await expect(page.getByTestId('notebook')).toContainText('None of 2 holds these words.');
  await filter.fill('');
  await expect(listed).toHaveCount(2);
});

test('a notebook may be dropped anywhere on the place, also on its head; what it brought is said there, and stays said', async ({
  page,
}) => {
  await open(page);
  const { layer, id } = await keepOne(page);
  await openNotebook(page);
  const file = await saved(page, () => page.getByTestId('notebook-export').click());
  const drop = (selector: string, name: string) =>
    page.evaluate(
      ([where, text, called]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([text!], called!, { type: 'application/json' }));
        const target = document.querySelector(where!)!;
        const init = { dataTransfer, bubbles: true, cancelable: true };
        // Where neither is prevented the browser opens the file in the page's place.
        return ['dragover', 'drop'].map((type) => !target.dispatchEvent(new DragEvent(type, init)));
      },
      [selector, file.text, name],
    );
  for (const where of ['[data-testid="notebook"] h2', '[data-testid="notebook"]'])
    expect(await drop(where, 'a.json')).toEqual([true, true]);
  const says = page.getByTestId('place-notices');
  await expect(says).toContainText('a.json, into the notebook: 1 feature and 0 runs read; 1 not newer than yours');
  await page
    .getByTestId(`entry-${layer}-${id}`)
    .getByRole('button', { name: /^delete/i })
    .click();
  await expect(page.getByTestId('notebook-says')).toHaveText('Deleted: 1 feature. Put back');
  await expect(says).toContainText('1 feature and 0 runs read');
});

test('what is exported, cleared and imported is back; a file that is no notebook changes nothing', async ({ page }) => {
  await open(page);
  const { layer, id } = await keepOne(page);
  await steerFirst(page);
  await ran(page);
  await openNotebook(page);
  await expect(page.getByTestId('notebook-counts')).toContainText('1 feature, 1 run.');
  const file = await saved(page, () => page.getByTestId('notebook-export').click());
  expect(file.name).toBe('lenslet-notebook.json');
  const stored = JSON.parse(file.text);
  expect(stored.format).toBe('lenslet-notebook-4');
  expect(stored.entries[0]).toMatchObject({
    layer: Number(layer),
    feature: Number(id),
    name: 'Own name',
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(stored.runs[0].steered).toHaveLength(12);

  await page.getByTestId('notebook-clear').click();
  await expect(page.getByTestId('notebook-counts')).toContainText('0 features, 0 runs.');
  await page.reload();
  await settled(page);
  // The link has the edit: the page runs it again, and that run is newer than the file's.
  await ran(page);
  await openNotebook(page);
  await expect(page.getByTestId('notebook-counts')).toContainText('0 features, 1 run.');
  const input = page.getByTestId('notebook-import');
  await input.setInputFiles({
    name: 'recipe.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{"format":"lenslet-recipe-1"}'),
  });
  await expect(page.getByTestId('notebook')).toContainText('recipe.json is not a notebook: it is a recipe.');
  await input.setInputFiles(file.path);
  await expect(page.getByTestId('notebook-says')).toHaveText(
    '1 feature and 1 run read; 1 not newer than yours, left out.',
  );
  await expect(page.getByTestId(`entry-${layer}-${id}`)).toContainText('Another, 汉.');
  await input.setInputFiles(file.path);
  await expect(page.getByTestId('notebook-says')).toHaveText(
    '1 feature and 1 run read; 2 not newer than yours, left out.',
  );
  // The same feature of another dictionary's bytes is another feature.
  const other = JSON.parse(file.text.replaceAll(stored.entries[0].sha256, 'ab'.repeat(32)));
  await input.setInputFiles({
    name: 'other.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(other)),
  });
  await expect(page.getByTestId(`elsewhere-${layer}-${id}`)).toContainText('abababab');
  // And what is deleted can be put back.
  await page.getByTestId('notebook-clear').click();
  await page.getByRole('button', { name: 'Put back' }).click();
  await expect(page.getByTestId(`entry-${layer}-${id}`)).toBeVisible();
});

test('two runs are set side by side, what differs said first; one is brought back', async ({ page }) => {
  await open(page);
  await steerFirst(page);
  await ran(page);
  const number = page.getByTestId('steer-row-0').getByTestId('number').locator('input');
  const began = await number.inputValue();
  await number.fill('2');
  await number.press('Enter');
  await ran(page);
  await openNotebook(page);
  await expect(page.getByTestId('notebook-run')).toHaveCount(2);
  for (const run of await page.getByTestId('notebook-run').all()) await run.getByRole('checkbox').check();
  await page.getByTestId('compare').click();
  await expect(page.getByTestId('differs')).toContainText(
    /Differs: strength of \d+:\d+, (\d\.\d\d against 2\.00|2\.00 against \d\.\d\d) × max\. The same: model, prompt/,
  );
  await expect(page.getByTestId('compared').locator('.compared-text')).toHaveCount(6);
  // KL of the two over each other.
  const chart = page.getByTestId('compared').getByRole('figure');
  await expect(chart.locator('path.recharts-curve')).toHaveCount(2);
  await expect(chart.locator('text')).toContainText(['first', 'second']);
  expect(await figuresHold(page)).toBeGreaterThan(10);
  // Focus came here once, and is not taken again when something else is drawn.
  const leave = page.getByRole('button', { name: 'Back to the notebook' });
  await expect(leave).toBeFocused();
  await page.getByTestId('open-log').focus();
  await page.getByTestId('notebook-import').setInputFiles({ name: 'a.txt', mimeType: '', buffer: Buffer.from('a') });
  await expect(page.getByTestId('notebook')).toContainText('The notebook is as it was.');
  await expect(page.getByTestId('open-log')).toBeFocused();
  await leave.click();
  await page
    .getByTestId('notebook-run')
    .last()
    .getByRole('button', { name: /^bring back/i })
    .click();
  await expect(page.getByTestId('notebook')).toBeHidden();
  await expect(number).toHaveValue(began);
  await ran(page);
});

test('the listed features are saved as a table: the rows on screen', async ({ page }) => {
  await open(page);
  const shown = await page
    .locator('[data-testid^="feature-row-"]')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-testid')!.replace('feature-row-', '')));
  const csv = await saved(page, () => page.getByTestId('save-features-csv').click());
  expect(csv.name).toMatch(/^lenslet-features-site-\d+\.csv$/);
  const [head, ...rows] = csv.text.replace('\uFEFF', '').trim().split('\r\n');
  expect(head).toBe('layer,feature,name,largest,largest_at_position,mean,tokens_active,of_maximum');
  expect(rows.map((row) => row.split(',')[1])).toEqual(shown);
  const json = await saved(page, () => page.getByTestId('save-features-json').click());
  expect(JSON.parse(json.text).map((row: { feature: number }) => String(row.feature))).toEqual(shown);
});

test('the other tables hold the rows on screen: contrast, a generated token, a search, the parity report', async ({
  page,
}) => {
  await open(page);
  // Contrast.
  await page.getByTestId('list').getByText('Contrast').click();
  await page.getByRole('button', { name: 'Hold this text as A' }).click();
  await page.getByTestId('prompt').fill('The sea was quiet');
  await settled(page);
  const pairs = page.getByTestId('contrast').locator('[data-testid^="pair-"]');
  await expect(pairs).toHaveCount(16);
  const contrast = rowsOf((await saved(page, () => page.getByTestId('save-contrast-csv').click())).text);
  expect(contrast.map((row) => row.split(',')[1])).toEqual(
    await pairs.evaluateAll((rows) => rows.map((row) => row.getAttribute('data-testid')!.replace('pair-', ''))),
  );
  // A generated token.
  await page.getByTestId('list').getByText('Active').click();
  await steerFirst(page);
  await ran(page);
  await page.getByTestId('run-steered').locator('[data-i="2"]').click();
  const generated = page.getByTestId('generated').locator('[data-testid^="pair-"]');
  await expect(generated.first()).toBeVisible();
  const token = rowsOf((await saved(page, () => page.getByTestId('save-generated-csv').click())).text);
  expect(token.length).toBeGreaterThan(0);
  expect(token.length).toBe(await generated.count());
  // A search.
  await page.getByTestId('open-search').click();
  await page.getByTestId('search-box').fill('king');
  const hits = page.locator('[data-testid^="hit-"]');
  await expect(hits.first()).toBeVisible();
  const found = rowsOf((await saved(page, () => page.getByTestId('save-search-csv').click())).text);
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBe(await hits.count());
  await page.keyboard.press('Escape');
  // The parity report, a row a case.
  await page.getByRole('button', { name: 'Check parity' }).click();
  await expect(page.getByTestId('parity')).toContainText('18 of 18 cases within tolerance');
  const parity = rowsOf((await saved(page, () => page.getByTestId('save-parity-csv').click())).text);
  expect(parity.length).toBe(await page.getByTestId('parity-case').count());
});

test('where the browser closes its storage the page works, and says until when things are kept', async ({ page }) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('closed', 'SecurityError');
    };
  });
  await open(page);
  await page.getByTestId('note').fill('kept');
  await expect(page.getByTestId('kept')).toHaveText('Kept until this tab is closed: storage is closed here');
  await openNotebook(page);
  await expect(page.getByTestId('notebook-counts')).toContainText('1 feature');
});

test('a run is saved in figures and token by token, once it has ended', async ({ page }) => {
  await open(page);
  await expect(page.getByTestId('save-run-csv')).toHaveCount(0);
  await steerFirst(page);
  await ran(page);
  const figures = JSON.parse((await saved(page, () => page.getByTestId('save-run-json').click())).text);
  expect(figures.map((row: { text: string }) => row.text)).toEqual(['baseline', 'steered', 'control']);
  await expect(page.getByTestId('run').locator('.row-steered td').first()).toHaveText(
    figures[1].mean_kl_edited_from_unedited_nats.toFixed(3),
  );
  const tokens = JSON.parse((await saved(page, () => page.getByTestId('save-tokens-json').click())).text);
  expect(tokens).toHaveLength(36);
  const steered = tokens
    .filter((row: { text: string }) => row.text === 'steered')
    .map((row: { token: string }) => row.token);
  await expect(page.getByTestId('run-steered')).toHaveAttribute('data-tokens', String(steered.length));
  expect(await page.getByTestId('run-steered').textContent()).toContain(steered[0].trim());
});
