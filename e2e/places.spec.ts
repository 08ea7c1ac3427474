import { expect, OLD_MAN, open, type Page, ran, settled, short, standsOut, test, watchShifts } from './page';

const place = (page: Page) => new URL(page.url()).hash.match(/[#&]w=(\w+)/)?.[1] ?? 'sheet';
const back = (page: Page) => page.evaluate(() => history.back());

test('a run goes on while another place is shown, and is seen, followed and ended from there; Back finds the sheet as it was', async ({
  page,
}) => {
  // A long run, which the link's edit begins by itself.
  await page.goto(`./?provider=wasm#p=${encodeURIComponent(OLD_MAN)}&s=3&t=3&g=0.7,0.95,16,400&e=3:39a1`);
  await expect(page.getByTestId('run')).toHaveAttribute('data-status', 'generating');
  const features = page.locator('section.features');
  await features.evaluate((region) => region.scrollTo(0, 137));
  await page.getByTestId('list').getByText('Pinned').click();
  await expect(page.getByTestId('list').getByRole('radio', { name: 'Pinned' })).toBeChecked();
  // The card has all that is read for it: on a busy machine it comes after the run has begun.
  const card = page.locator('.feature-detail');
  await expect(card.getByText('Nearest at other layers')).toBeVisible();
  await expect(card.locator('.stale')).toHaveCount(0);
  const slider = page.getByTestId('slider');
  await slider.focus();
  await watchShifts(page, true);
  const before = await features.evaluate((region) => region.scrollTop);
  await page.keyboard.press('l');
  const heading = page.getByRole('heading', { name: 'Log of verbalizations' });
  await expect(heading).toBeFocused();
  await expect(page.getByTestId('prompt')).toBeHidden();
  expect(place(page)).toBe('log');
  const job = page.getByTestId('job');
  const tokens = async () => Number((await job.textContent())?.match(/(\d+) of 400 tokens/)?.[1]);
  await expect.poll(tokens).toBeGreaterThan(0);
  const first = await tokens();
  const line = job.getByRole('button', { name: /^Generating/ });
  await line.focus();
  await expect.poll(tokens).toBeGreaterThan(first);
  await expect(line).toBeFocused();
  await back(page);
  await expect(heading).toBeHidden();
  expect(place(page)).toBe('sheet');
  await expect(slider).toBeFocused();
  await expect(page.getByTestId('list').getByRole('radio', { name: 'Pinned' })).toBeChecked();
  expect(await features.evaluate((region) => region.scrollTop)).toBe(before);
  await expect(page.getByTestId('chip-3')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByTestId('run')).toHaveAttribute('data-status', 'generating');
  // Forward again by the nav, and to where it happens by the line.
  await page.getByTestId('open-notebook').click();
  await expect(page.getByRole('heading', { name: 'Notebook' })).toBeFocused();
  await expect(page.getByTestId('open-notebook')).toHaveAttribute('aria-current', 'page');
  await line.click();
  await expect(page.getByTestId('run')).toBeVisible();
  await expect(page.getByTestId('open-sheet')).toHaveAttribute('aria-current', 'page');
  await page.keyboard.press('n');
  await expect(job).toBeVisible();
  expect(await page.evaluate(() => window.shifts)).toEqual([]);
  await job.getByRole('button', { name: 'Cancel' }).click();
  await expect(job).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('run')).toHaveAttribute('data-status', 'stopped');
});

test('at 390 px a place has the page to itself, and the sheet is found where it was scrolled to', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, `${short(OLD_MAN)}&w=log`);
  // A link that names a place opens it, with the sheet ready beside it.
  await expect(page.getByTestId('log')).toBeVisible();
  await page.getByTestId('open-sheet').click();
  await expect(page.getByTestId('chip-0')).toBeVisible();
  await page.evaluate(() => window.scrollTo(0, 300));
  // The strips are as wide as their region: nothing is measured anew while it is away.
  const strips = () => page.evaluate(() => document.querySelector<HTMLCanvasElement>('.matrix-sheet canvas')!.width);
  const width = await strips();
  expect(width).toBeGreaterThan(100);
  await page.evaluate(() => document.querySelector<HTMLElement>('[data-testid="open-notebook"]')!.click());
  await expect(page.getByTestId('notebook')).toBeVisible();
  expect(await strips()).toBe(width);
  expect(await page.evaluate(() => [scrollY, document.documentElement.scrollHeight <= innerHeight])).toEqual([0, true]);
  await back(page);
  await expect(page.getByTestId('chip-0')).toBeVisible();
  expect(await page.evaluate(() => scrollY)).toBe(300);
  await page.goto('./?provider=wasm#w=nowhere');
  await settled(page);
  await expect(page.getByTestId('open-sheet')).toHaveAttribute('aria-current', 'page');
});

test('Back goes back through examples, with their edits; what is typed makes no step, and undo keeps its own', async ({
  page,
}) => {
  const prompt = page.getByTestId('prompt');
  await open(page, '#p=My+own+words&g=0.7,0.95,16,4');
  await page.getByRole('button', { name: 'Poem', exact: true }).click();
  const poem = await prompt.inputValue();
  await page.getByRole('button', { name: 'Product', exact: true }).click();
  await settled(page);
  const product = await prompt.inputValue();
  await prompt.fill(`${product} 5`);
  await settled(page);
  await page.waitForTimeout(600);
  await back(page);
  await expect(prompt).toHaveValue(poem);
  await expect(page.getByTestId('chip-0')).toContainText(poem[0]!);
  await back(page);
  await expect(prompt).toHaveValue('My own words');
  await page.evaluate(() => history.forward());
  await expect(prompt).toHaveValue(poem);
  await page.evaluate(() => history.forward());
  await expect(prompt).toHaveValue(`${product} 5`);
  await settled(page);
  // Each way back and forth is a step that undo takes back too.
  await page.getByTestId('undo').click();
  await expect(prompt).toHaveValue(poem);
  // A run that is brought back is a step from the notebook to the sheet.
  await prompt.fill(OLD_MAN);
  await settled(page);
  await page.keyboard.press('Control+Enter');
  await ran(page);
  await prompt.fill('Another');
  await settled(page);
  await page.getByTestId('open-notebook').click();
  await page.getByRole('button', { name: /^Bring back/ }).click();
  await expect(prompt).toHaveValue(OLD_MAN);
  await back(page);
  await expect(page.getByTestId('notebook')).toBeVisible();
  await back(page);
  await expect(prompt).toHaveValue('Another');
});

test('two tabs say that they share notebook and log, and that each has its own engine', async ({ page, context }) => {
  await open(page);
  const says = page.getByTestId('other-tabs');
  await expect(says).toHaveCount(0);
  // The card has all that is read for it, and knows what the verbalizer reads.
  const card = page.locator('.feature-detail');
  await expect(card.getByText('Nearest at other layers')).toBeVisible();
  await expect(card.getByText('Verbalize reads layer 3')).toBeVisible();
  await watchShifts(page, true);
  const other = await context.newPage();
  await other.goto('./?provider=wasm');
  await expect(other.getByTestId('other-tabs')).toContainText('Another tab of this browser has Lenslet open');
  await expect(says).toContainText('each tab holds an engine and its memory of its own');
  expect(await page.evaluate(() => window.shifts)).toEqual([]);
  await other.close({ runBeforeUnload: false });
  await expect(says).toHaveCount(0);
});

test('at 320 px, and at 200 %, nothing makes the page scroll sideways or breaks in two', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await open(page, short(OLD_MAN, '&e=3:39a1&s=3'));
  const wide = async () => [
    await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
    ...(await standsOut(page)),
  ];
  for (const tab of ['Features', 'Steer', 'Words']) {
    await page.getByRole('navigation', { name: 'Regions' }).getByRole('button', { name: tab }).click();
    expect([tab, await wide()]).toEqual([tab, [0]]);
  }
  for (const id of ['notebook', 'log']) {
    await page.getByTestId(`open-${id}`).click();
    await expect(page.getByTestId(id)).toBeVisible();
    expect([id, await wide()]).toEqual([id, [0]]);
  }
  await page.getByTestId('open-sheet').click();
  await page.setViewportSize({ width: 720, height: 450 });
  expect(await wide()).toEqual([0]);
  for (const option of await page.locator('.choice-option span').all())
    if (await option.isVisible()) expect((await option.boundingBox())!.height).toBeLessThan(30);
});
