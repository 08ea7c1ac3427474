import { expect, test } from '@playwright/test';
import { OLD_MAN, open, ran, short } from './page';

test('a copied link gives the same view: prompt, site, token, edits, text', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, short(OLD_MAN, '&s=4&e=3:1933a1.5,3:1265a-2p'));
  await ran(page);
  await page.getByTestId('chip-2').click();
  await page.getByTestId('copy-link').click();
  await expect(page.getByTestId('copy-link')).toContainText('Copied');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const view = async (of: typeof page) => ({
    prompt: await of.getByTestId('prompt').inputValue(),
    rows: await of.locator('[data-testid^="steer-row-"]').allTextContents(),
    features: await of.locator('[data-testid^="feature-row-"]').allTextContents(),
    steered: await of.getByTestId('run-steered').textContent(),
    control: await of.getByTestId('run-control').textContent(),
  });
  const other = await context.newPage();
  await other.goto(link);
  await ran(other);
  await expect(other.getByTestId('chip-2')).toHaveAttribute('aria-selected', 'true');
  expect(await view(other)).toEqual(await view(page));
  await other.close();
});

test('a link full of nonsense opens the page all the same', async ({ page }) => {
  await open(page, '#p=hello&s=99&t=-4&e=3:99999999999a9,x,3:1933q2,4:7a1e9&g=9,9,x,-1&c=nothing&f=%E0%A4%A');
  await expect(page.getByTestId('prompt')).toHaveValue('hello');
  await expect(page.locator('[data-testid^="steer-row-"]')).toHaveCount(0);
  await expect(page.getByTestId('error')).toHaveCount(0);
});
