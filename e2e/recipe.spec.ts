import { readFileSync } from 'node:fs';
import { expect, OLD_MAN, open, type Page, ran, settled, short, test } from './page';

async function exported(page: Page): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('recipe-export').click()]);
  expect(download.suggestedFilename()).toBe('steering.recipe.json');
  return readFileSync(await download.path(), 'utf8');
}
const choose = (page: Page, text: string) =>
  page
    .getByTestId('recipe-file')
    .setInputFiles({ name: 'steering.recipe.json', mimeType: 'application/json', buffer: Buffer.from(text) });

test('edits leave as a recipe and come back as the same run, in another tab and through the library', async ({
  page,
  context,
}) => {
  await open(page, short(OLD_MAN, '&e=2:11a1.5,3:328k0.5g'));
  await ran(page);
  const text = await exported(page);
  const recipe = JSON.parse(text);
  const info = await page.evaluate(() => ({
    model: window.lenslet!.info.sha256,
    sites: window.lenslet!.info.sites.map(({ layer, sha256 }) => [layer, sha256]),
  }));
  expect(recipe.model.sha256).toBe(info.model);
  expect(recipe.dictionaries.map(({ layer, sha256 }: { layer: number; sha256: string }) => [layer, sha256])).toEqual(
    info.sites.filter(([layer]) => layer !== 0),
  );
  expect(recipe.edits).toHaveLength(2);
  expect(recipe.sampling).toEqual({ temperature: 0.7, topP: 0.95, seed: 16, maxTokens: 12 });
  const steered = await page.getByTestId('run-steered').textContent();

  const other = await context.newPage();
  await open(other, short('Something else'));
  await choose(other, text);
  await ran(other);
  await expect(other.getByTestId('prompt')).toHaveValue(OLD_MAN);
  await expect(other.getByTestId('steer-row-0')).toContainText('2:11');
  await expect(other.getByTestId('steer-row-1')).toContainText('3:328');
  expect(await other.getByTestId('run-steered').textContent()).toBe(steered);
  await expect(other.getByTestId('link-notices')).toHaveCount(0);
  const again = await other.evaluate(async (file) => {
    const { edits, sampling, prompt } = JSON.parse(file);
    let out = '';
    for await (const { rows } of window.lenslet!.generate(prompt, { variants: [[], edits], ...sampling }))
      out += rows[1]?.text ?? '';
    return out;
  }, text);
  expect(again).toBe(steered);
  // One step back is the text that was there.
  await other.getByTestId('undo').click();
  await expect(other.getByTestId('prompt')).toHaveValue('Something else');
  await expect(other.getByTestId('steer-row-0')).toHaveCount(0);
});

test('a recipe of another dictionary is taken with a warning, a file that is none is refused by name', async ({
  page,
}) => {
  await open(page, short(OLD_MAN, '&e=2:11a1.5'));
  await ran(page);
  const recipe = JSON.parse(await exported(page));
  recipe.dictionaries[0].sha256 = '0'.repeat(64);
  recipe.edits[0].strength = 12.5;
  await choose(page, JSON.stringify(recipe));
  await expect(page.getByTestId('link-notices')).toContainText(/another dictionary at layer 2/);
  await expect(page.getByTestId('steer-row-0')).toContainText('= +12.5');
  await settled(page);
  await choose(page, '{"format": "something"}');
  await expect(page.getByTestId('error')).toContainText(
    'steering.recipe.json is not a recipe: it is a JSON file of another kind.',
  );
  await expect(page.getByTestId('steer-row-0')).toContainText('= +12.5');
});

test('what the page cannot have of a recipe is said; a file that is too large is not read', async ({ page }) => {
  await open(page, short(OLD_MAN, '&e=2:11a1.2345'));
  await ran(page);
  const recipe = JSON.parse(await exported(page));
  await choose(page, JSON.stringify({ ...recipe, chat: true, sampling: { ...recipe.sampling, temperature: 8 } }));
  await expect(page.getByTestId('link-notices')).toContainText('temperature, 8, is 5 here');
  // Its text is a user's turn, and is one here.
  await expect(page.getByTestId('turn').getByRole('textbox')).toHaveValue(OLD_MAN);
  await expect(page.getByRole('spinbutton', { name: 'Temperature' })).toHaveValue('5');
  await ran(page);
  // An exact strength is kept while its row is switched off and on.
  const exact = /2:11a[\d.]{6,}m/.exec(page.url())?.[0] ?? 'no strength';
  const box = page.getByRole('checkbox', { name: '2:11 on' });
  await box.uncheck();
  await box.check();
  await expect.poll(() => page.url()).toContain(exact);
  await page.getByTestId('recipe-file').setInputFiles({
    name: 'large.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{"format":"lenslet-recipe-2",'.padEnd(13_000_000)),
  });
  await expect(page.getByTestId('error')).toContainText('large.json has 13 MB; at most 12 MB are read.');
  await expect(page.getByTestId('steer-row-0')).toContainText('2:11');
});

test('a selection of tokens: dragged or with Shift, its features by largest, mean or count, kept in the link', async ({
  page,
  context,
}) => {
  await open(page);
  await page.getByTestId('chip-1').click();
  await page.getByTestId('chip-4').click({ modifiers: ['Shift'] });
  await expect(page.locator('[data-testid^="chip-"][aria-selected="true"]')).toHaveCount(4);
  await page.mouse.move(700, 890);
  await expect(page.getByTestId('cut')).toContainText('on tokens 1 to 4');
  await expect(page.getByTestId('readout')).toContainText(
    /tokens 1 to 4, n 4 · 2:\d+ max [\d.]+, mean [\d.]+, active on \d/,
  );
  const expected = await page.evaluate(async (text) => {
    const trace = await window.lenslet!.trace(text);
    const { ids, values, k } = trace.site(2);
    const found = new Map<number, { count: number; most: number }>();
    for (let slot = k; slot < 5 * k; slot++) {
      if (!(values[slot]! > 0)) continue;
      const { count, most } = found.get(ids[slot]!) ?? { count: 0, most: 0 };
      found.set(ids[slot]!, { count: count + 1, most: Math.max(most, values[slot]!) });
    }
    return Math.max(...[...found.values()].map(({ count }) => count));
  }, OLD_MAN);
  await page.getByRole('group', { name: 'Of these tokens' }).getByText('count', { exact: true }).click();
  await expect(page.locator('[data-testid^="feature-row-"]').first()).toContainText(String(expected));
  await expect.poll(() => page.url()).toContain('t=4-1');
  const other = await context.newPage();
  await other.goto(page.url());
  await settled(other);
  await expect(other.locator('[data-testid^="chip-"][aria-selected="true"]')).toHaveCount(4);
  // Dragged, the other way round.
  const [from, to] = await Promise.all([3, 2].map(async (i) => (await page.getByTestId(`chip-${i}`).boundingBox())!));
  await page.mouse.move(from!.x + from!.width / 2, from!.y + 8);
  await page.mouse.down();
  await page.mouse.move(to!.x + to!.width / 2, to!.y + 8, { steps: 4 });
  await page.mouse.up();
  await expect(page.locator('[data-testid^="chip-"][aria-selected="true"]')).toHaveCount(2);
  await page.keyboard.press('Escape');
  await expect(page.locator('[data-testid^="chip-"][aria-selected="true"]')).toHaveCount(0);
});
