import { expect, test } from '@playwright/test';
import { OLD_MAN, open, ran, settled, short } from './page';

test('no request leaves the origin, and after loading the page works without a network', async ({ page, context, baseURL }) => {
  const elsewhere: string[] = [];
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== new URL(baseURL!).origin) elsewhere.push(request.url());
  });
  await open(page, short(OLD_MAN, '&e=2:11a1.5'));
  await ran(page);
  await context.setOffline(true);
  await page.getByTestId('prompt').fill('The king said to his son');
  await expect(page.getByTestId('chip-1')).toContainText('king');
  await settled(page);
  await page.getByTestId('generate').click();
  await ran(page);
  expect(Number(await page.getByTestId('run-steered').getAttribute('data-tokens'))).toBeGreaterThan(0);
  expect(elsewhere).toEqual([]);
});
