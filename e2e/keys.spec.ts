import { expect, OLD_MAN, open, ran, settled, short, test } from './page';

test('the whole page by keyboard: token, feature, steer, undo, generate', async ({ page }) => {
  await open(page);
  const selected = page.locator('[data-testid^="chip-"][aria-selected="true"]');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(selected).toHaveAttribute('data-testid', 'chip-2');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(selected).toHaveCount(2);
  await expect(page.getByTestId('cut')).toContainText('on tokens 2 to 3');
  await page.keyboard.press('ArrowRight');
  await expect(selected).toHaveCount(1);
  await settled(page);
  const rows = page.locator('[data-testid^="feature-row-"]');
  const second = (await rows.nth(1).getAttribute('data-testid'))!.replace('feature-row-', '');
  await page.keyboard.press('ArrowDown');
  await expect(rows.nth(1).getByRole('button').first()).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('s');
  await expect(page.getByTestId('steer-row-0')).toContainText(`2:${second}`);
  await ran(page);
  await page.keyboard.press('Control+z');
  await expect(page.getByTestId('steer-row-0')).toHaveCount(0);
  await page.keyboard.press('Control+Shift+z');
  await expect(page.getByTestId('steer-row-0')).toContainText(`2:${second}`);
  await ran(page);
  await page.keyboard.press('Escape');
  await expect(selected).toHaveCount(0);
  await page.keyboard.press('Control+Enter');
  await ran(page);
});

test('g goes to a feature by its id', async ({ page }) => {
  await open(page);
  await page.keyboard.press('g');
  await page.keyboard.type('11');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '2:11', exact: true })).toBeVisible();
});

test('text and edits are taken back and done again, in the prompt box too', async ({ page }) => {
  await open(page, short(OLD_MAN, '&e=2:11a1'));
  await ran(page);
  const prompt = page.getByTestId('prompt');
  await prompt.fill('Once upon a time');
  await settled(page);
  await page.waitForTimeout(600);
  await page.getByRole('button', { name: 'Remove 2:11' }).click();
  await expect(page.getByTestId('steer-row-0')).toHaveCount(0);
  await page.getByTestId('undo').click();
  await expect(page.getByTestId('steer-row-0')).toContainText('2:11');
  await prompt.focus();
  await page.keyboard.press('Control+z');
  await expect(prompt).toHaveValue(OLD_MAN);
  await expect(page.getByTestId('chip-0')).toContainText('The');
  await ran(page);
  await page.getByTestId('redo').click();
  await expect(prompt).toHaveValue('Once upon a time');
});

test('after a slider or a radio the keys still work, and s goes to the slider', async ({ page }) => {
  await open(page, short(OLD_MAN, '&e=2:11a1'));
  await ran(page);
  const slider = page.getByTestId('slider');
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveValue('1.05');
  await page.waitForTimeout(1000);
  await page.keyboard.press('Control+z');
  await expect(slider).toHaveValue('1');
  await page.getByTestId('site').getByText('3', { exact: true }).click();
  await page.keyboard.press('s');
  await expect(page.getByTestId('steer-row-1')).toContainText('3:');
  await expect(page.getByTestId('slider').nth(1)).toBeFocused();
  // Removed by keyboard, the focus stays among the edits.
  await page
    .getByTestId('steer-row-1')
    .getByRole('button', { name: /^Remove/ })
    .focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('steer-row-1')).toHaveCount(0);
  await expect(page.getByTestId('steer-row-0').getByRole('button', { name: /^Remove/ })).toBeFocused();
  await page.keyboard.press('s');
  await expect(page.getByTestId('slider').nth(1)).toBeFocused();
  // The same once more is the same edit.
  await page.keyboard.press('s');
  await expect(page.getByTestId('steer-row-2')).toHaveCount(0);
  // Of several rows, that of the feature.
  await page.getByTestId('site').getByText('2', { exact: true }).click();
  await page.keyboard.press('s');
  await expect(page.getByTestId('slider').nth(2)).toBeFocused();
  await page.getByTestId('site').getByText('3', { exact: true }).click();
  await page.keyboard.press('s');
  await expect(page.getByTestId('slider').nth(1)).toBeFocused();
  await page.keyboard.press('/');
  await expect(page.getByTestId('search-box')).toBeFocused();
});

test('who has gone on to the text keeps the focus there when an edit is removed', async ({ page }) => {
  await open(page, short(OLD_MAN, '&e=2:11a1,2:7a1'));
  await ran(page);
  const focused = await page.evaluate(async () => {
    document
      .querySelector<HTMLElement>(
        '[data-testid="steer-row-0"] button[aria-label^="Remove"], [data-testid="steer-row-0"] [title^="Remove"]',
      )!
      .click();
    document.querySelector<HTMLElement>('[data-testid="prompt"]')!.focus();
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    return document.activeElement!.getAttribute('data-testid');
  });
  expect(focused).toBe('prompt');
  await expect(page.getByTestId('steer-row-1')).toHaveCount(0);
});

test('? lists the keys, and Esc closes the sheet', async ({ page }) => {
  await open(page);
  await page.keyboard.press('?');
  await expect(page.getByTestId('keys')).toContainText('Steer the chosen feature');
  await page.getByLabel('Single letters and signs are keys').uncheck();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('keys')).toHaveCount(0);
  await page.keyboard.press('/');
  await expect(page.getByTestId('search-box')).toHaveCount(0);
  // Typed into the prompt, the same keys are letters.
  await page.getByTestId('prompt').focus();
  await page.keyboard.press('End');
  await page.keyboard.type(' s?/g');
  await expect(page.getByTestId('prompt')).toHaveValue(`${OLD_MAN} s?/g`);
  await expect(page.getByTestId('steer-row-0')).toHaveCount(0);
});

test.describe('by a clock that the test moves', () => {
  // Clocks are the whole context's, and that of the shared engine is other tests' too.
  test.use({ engine: 'own' });

  test('a trace follows 250 ms after typing stops, once', async ({ page }) => {
    await page.clock.install();
    await open(page);
    await page.evaluate(() => {
      const lens = window.lenslet!;
      const trace = lens.trace.bind(lens);
      window.runs = 0;
      lens.trace = (...args) => {
        window.runs!++;
        return trace(...args);
      };
    });
    await page.getByTestId('prompt').focus();
    await page.keyboard.press('End');
    await page.clock.pauseAt(Date.now() + 60_000);
    for (const word of [' and', ' the', ' river']) {
      await page.keyboard.type(word);
      await page.clock.runFor(249);
    }
    const runs = () => page.evaluate(() => window.runs);
    expect(await runs()).toBe(0);
    await page.clock.runFor(1);
    expect(await runs()).toBe(1);
    await page.clock.resume();
    await settled(page);
    expect(await runs()).toBe(1);
  });
});

test('a term says in a sentence what it means; Esc closes it and leaves the token; all terms stand with the keys', async ({
  page,
}) => {
  await open(page, short('The old man looked', '&t=3'));
  const term = page.getByRole('button', { name: 'Layer', exact: true });
  await term.click();
  const says = page.getByTestId('term').filter({ hasText: 'Layer 3 is the residual stream after decoder block 3' });
  await expect(says).toBeVisible();
  await expect(says.getByRole('link')).toHaveAttribute('href', /^https:/);
  await page.keyboard.press('Escape');
  await expect(says).toHaveCount(0);
  await expect(term).toBeFocused();
  await expect(page.getByTestId('chip-3')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('?');
  const list = page.getByTestId('glossary');
  await expect(list).toContainText('Fraction of variance unexplained');
  await expect(list.getByRole('term')).toHaveCount(await list.getByRole('link').count());
});
