import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { figuresHold } from './figures';
import { expect, open, type Page, short, test } from './page';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const box = (page: Page) => page.getByTestId('search-box');
const found = (page: Page) => page.getByRole('listbox', { name: 'Features found' });
const options = (page: Page) => found(page).getByRole('option');
const chosen = (page: Page) => found(page).getByRole('option', { selected: true });

async function openSearch(page: Page): Promise<void> {
  await page.getByTestId('open-search').click();
  await expect(box(page)).toBeFocused();
  await expect(page.getByTestId('search')).toContainText(
    '6,144 features at layers 0, 2 and 3: labels, promoted tokens, ids.',
  );
  await expect(page.getByTestId('search')).not.toContainText('Reading the labels');
}

test('a newcomer finds the Han feature, whichever word comes to mind', async ({ page }) => {
  await open(page, short('The old man', '&s=2'));
  await openSearch(page);
  for (const word of ['Han', 'han char', 'Chinese', '汉', '龘']) {
    await box(page).fill(word);
    await expect(options(page).filter({ hasText: 'Han characters' }).first()).toBeVisible();
  }
  await box(page).fill('Han');
  await expect(options(page).first()).toContainText('Han characters');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('search')).toHaveCount(0);
  await expect(page.getByTestId('feature-label')).toContainText('Han characters');
  expect(await figuresHold(page)).toBeGreaterThan(2);
});

test('features are found at every site by a promoted token, which is said, and agree with the library', async ({
  page,
}) => {
  await open(page, short('The old man', '&s=2'));
  await openSearch(page);
  await box(page).fill('king');
  const first = options(page).first();
  await expect(first.locator('.hit-token')).toHaveText('king');
  const [layer, id] = (await first.locator('.mono').first().textContent())!.split(':').map(Number);
  const { promoted } = await page.evaluate(([l, f]) => window.lenslet!.feature(l!, f!), [layer, id]);
  expect(promoted.map(({ text }) => text)).toContain('king');
  const layers = await options(page).evaluateAll(
    (rows) => new Set(rows.map((row) => row.textContent!.split(':')[0])).size,
  );
  expect(layers).toBe(3);
  // All that a label has found, a page at a time, each with what it promotes most.
  await box(page).fill('layer 2');
  await expect(page.getByTestId('search-count')).toHaveText('50 of 2,047');
  await page.getByTestId('search-more').click();
  await expect(page.getByTestId('search-count')).toHaveText('100 of 2,047');
  await expect(options(page)).toHaveCount(100);
  expect(await options(page).locator('.hit-why .mono').count()).toBe(100);
});

test('ids lead straight to a feature, also at another site, and what is not there is said', async ({ page }) => {
  await open(page, short('The old man', '&s=2'));
  await openSearch(page);
  await box(page).fill('L3 #1600');
  await expect(page.getByTestId('search-count')).toHaveText('1 found');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '3:1600', exact: true })).toBeVisible();
  await openSearch(page);
  await box(page).fill('5:1');
  await expect(page.getByTestId('search-count')).toHaveText(
    'Layer 5 has no dictionary: features are at layers 0, 2 and 3.',
  );
  await box(page).fill('xqzxq');
  await expect(page.getByTestId('search-count')).toContainText('No feature');
  await expect(options(page)).toHaveCount(0);
});

test('the keyboard does all of it: arrows move, Enter opens, Control-Enter steers, Escape closes', async ({ page }) => {
  await open(page, short('The old man', '&s=2&t=1'));
  await page.locator('body').press('/');
  await expect(box(page)).toBeFocused();
  await page.keyboard.type('digits');
  await expect(options(page).nth(2)).toBeVisible();
  await expect(chosen(page)).toHaveAttribute('id', (await box(page).getAttribute('aria-activedescendant'))!);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  const second = await options(page).nth(1).locator('.mono').first().textContent();
  await expect(chosen(page).locator('.mono').first()).toHaveText(second!);
  await expect(box(page)).toBeFocused();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByTestId('search')).toHaveCount(0);
  await expect(page.getByTestId('steer-row-0')).toContainText(second!);
  await expect(page.getByTestId('slider')).toBeFocused();
  await expect(page.getByRole('heading', { name: second!, exact: true })).toBeVisible();
  // Opened again, the line stands as it was, selected: typing begins anew.
  await openSearch(page);
  await expect(box(page)).toHaveValue('digits');
  await page.keyboard.type('2:17');
  await expect(box(page)).toHaveValue('2:17');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('search')).toHaveCount(0);
  await expect(page.getByTestId('open-search')).toBeFocused();
  await expect(page.getByRole('heading', { name: second!, exact: true })).toBeVisible();
});

test('dense features are hidden behind a switch that states the threshold, but for their ids', async ({ page }) => {
  await open(page, short('The old man', '&s=3'));
  await openSearch(page);
  // 3:328 is active on 19 % of held-out tokens.
  await box(page).fill('first lines in English prose');
  const toggle = page.getByTestId('search').getByLabel(/Show features that fire on over 10 % of tokens/);
  await expect(page.getByTestId('search')).toContainText('(1 hidden)');
  await expect(page.getByTestId('hit-3-328')).toHaveCount(0);
  await toggle.check();
  await expect(page.getByTestId('hit-3-328')).toBeVisible();
  await toggle.uncheck();
  await box(page).fill('3:328');
  await expect(page.getByTestId('hit-3-328')).toContainText('19 %');
});

test('results change in place: the sheet keeps its size, nothing shifts', async ({ page }) => {
  await open(page, short('The old man', '&s=2'));
  await openSearch(page);
  const size = () => page.getByTestId('search').boundingBox();
  const before = await size();
  for (const word of ['Han', 'xqzxq', '2:17', 'king', 'e', '']) {
    await box(page).fill(word);
    expect(await size()).toEqual(before);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  const narrow = await size();
  for (const word of ['xqzxq', 'e', '5:1']) {
    await box(page).fill(word);
    expect(await size()).toEqual(narrow);
  }
});

test.describe('with files that are answered by the test', () => {
  test.use({ engine: 'own' });

  test('without feature data ids are found, and it is said why nothing else is', async ({ page }) => {
    await page.route('**/features.safetensors', (route) => route.fulfill({ status: 404 }));
    await open(page, short('The old man', '&s=2'));
    await page.getByTestId('open-search').click();
    await expect(page.getByTestId('search')).toContainText('6,144 features at layers 0, 2 and 3: ids.');
    await expect(page.getByTestId('search')).toContainText(
      'No feature data beside the dictionaries of layers 0, 2 and 3',
    );
    await box(page).fill('#17');
    await expect(options(page)).toHaveCount(3);
    await expect(options(page).first()).toContainText('2:17');
  });
});

for (const [width, scheme] of [
  [1440, 'light'],
  [390, 'dark'],
] as const) {
  test(`axe has nothing serious to say of the search and the forms to copy, ${width} px, ${scheme}`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 844 });
    await open(page, short('The old man', '&s=2'));
    await page.getByTestId('copy').click();
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
    await openSearch(page);
    await box(page).fill('king');
    expect(await serious()).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
}
