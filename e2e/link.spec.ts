import { deflateSync, inflateSync } from 'node:zlib';
import { expect, OLD_MAN, open, ran, settled, short, test } from './page';

test('a copied link gives the same view: prompt, site, token, edits, text', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, short(OLD_MAN, '&s=3&e=2:11a1.5,2:7a-2p'));
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
  // Labels of other layers are read behind all else.
  await expect.poll(() => view(other)).toEqual(await view(page));
  await other.close();
});

test('a link full of nonsense opens the page all the same', async ({ page }) => {
  await open(page, '#p=hello&s=99&t=-4&e=3:99999999999a9,x,2:11q2,4:7a1e9&g=9,9,x,-1&c=nothing&f=%E0%A4%A');
  await expect(page.getByTestId('prompt')).toHaveValue('hello');
  await expect(page.locator('[data-testid^="steer-row-"]')).toHaveCount(0);
  await expect(page.getByTestId('error')).toHaveCount(0);
});

test('a link pasted into the tab replaces the whole view, and is checked against the model', async ({ page }) => {
  await open(page, '#p=hello+there&s=3&g=0,0.95,16,12&e=2:11a1.5');
  await ran(page);
  await page.evaluate(() => {
    location.hash = '#p=The+old+man&s=99&f=999999&e=77:3a1,2:7a1x';
  });
  await expect(page.getByTestId('prompt')).toHaveValue('The old man');
  await settled(page);
  await expect(page.getByLabel('Temperature')).toHaveValue('0.7');
  await expect(page.locator('[data-testid^="steer-row-"]')).toHaveCount(1);
  await expect(page.getByTestId('steer-row-0')).toContainText('2:7');
  await expect(page.getByTestId('link-notices')).toContainText(
    'No layer 99 in this model: layer 2 is shown. 1 edit left out: no layer 77.',
  );
  await expect(page.getByTestId('error')).toHaveCount(0);
});

test('a link that is pasted just before the page writes its own address is followed all the same', async ({ page }) => {
  await open(page, short('hello there'));
  await page.evaluate(() => {
    const { hash } = location;
    location.hash = '#p=The+old+man';
    history.replaceState(history.state, '', hash);
  });
  await expect(page.getByTestId('prompt')).toHaveValue('The old man');
});

test('of a damaged text what can be read is shown, and the damage said', async ({ page }) => {
  await open(page, '#p=Half%20a%20text%E5%BA');
  await expect(page.getByTestId('prompt')).toHaveValue('Half a text\uFFFD');
  await expect(page.getByTestId('link-notices')).toContainText(
    'The link’s text is damaged: what can be read is shown.',
  );
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByTestId('link-notices')).toHaveCount(0);
});

test('an example can be taken back', async ({ page }) => {
  await open(page, '#p=My+own+words');
  await page.getByRole('button', { name: 'Poem', exact: true }).click();
  await expect(page.getByTestId('prompt')).not.toHaveValue('My own words');
  await settled(page);
  await page.getByTestId('undo').click();
  await expect(page.getByTestId('prompt')).toHaveValue('My own words');
});

test('words typed just before a reload are kept, and tokens are copied as the text they are', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  const text = 'a\n\tb  c';
  await page.getByTestId('prompt').fill(text);
  await page.reload();
  await settled(page);
  await expect(page.getByTestId('prompt')).toHaveValue(text);
  await page
    .getByRole('listbox', { name: 'Tokens', exact: true })
    .evaluate((chips) => getSelection()!.selectAllChildren(chips));
  await page.keyboard.press('ControlOrMeta+c');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
  // Also what no link carries.
  const long = `${'a'.repeat(7999)}😀${'b'.repeat(3000)}`;
  await page.getByTestId('prompt').fill(long);
  await page.reload();
  await settled(page);
  await expect(page.getByTestId('prompt')).toHaveValue(long);
});

test('20,000 characters go through typing, a copied link, a reload and Back over another page, to the letter', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const text = 'one\r\ntwo \ud83d three\rcafe\u0301 \ufeff\u0000 '.repeat(1000).slice(0, 19_999);
  /** What a copied link holds; it was made, and is read, by another deflate than the page's. */
  const copied = async (): Promise<unknown> => {
    await page.getByTestId('copy-link').click();
    await expect(page.getByTestId('copy-link')).toContainText('Copied');
    const link = await page.evaluate(() => navigator.clipboard.readText());
    const packed = /[#&]z=([\w-]+)/.exec(link)?.[1] ?? '';
    return JSON.parse(inflateSync(Buffer.from(packed, 'base64url')).toString());
  };
  await open(page, `#z=${deflateSync(JSON.stringify(text)).toString('base64url')}&g=0.7,0.95,16,12`);
  const prompt = page.getByTestId('prompt');
  await expect.poll(() => prompt.evaluate((box: HTMLTextAreaElement) => box.value.length)).toBeGreaterThan(15_000);
  await expect(page.getByTestId('link-notices')).toHaveCount(0);
  await prompt.press('ControlOrMeta+End');
  await prompt.pressSequentially('x');
  expect(await copied()).toBe(`${text}x`);
  await page.reload();
  await settled(page);
  expect(await copied()).toBe(`${text}x`);
  await page.goto('about:blank');
  await page.goBack();
  await settled(page);
  expect(await copied()).toBe(`${text}x`);
});
