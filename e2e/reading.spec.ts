import { expect, OLD_MAN, open, settled, short, test } from './page';

test('typing a text shows its tokens, its features and what comes next', async ({ page }) => {
  await open(page);
  await page.getByTestId('prompt').fill('She said to the king');
  await expect(page.getByTestId('chip-0')).toContainText('She');
  await settled(page);
  const chips = page.locator('[data-testid^="chip-"]');
  expect(await chips.count()).toBe(
    (await page.evaluate(() => window.lenslet!.tokenize('She said to the king'))).length,
  );
  await expect(page.locator('[data-testid^="feature-row-"]')).toHaveCount(12);
  await expect(page.getByTestId('cut')).toContainText(
    /12 of the \d+ features active in the text, first token left out/,
  );
  await expect(page.getByTestId('words')).toBeVisible();
  // The likeliest next token on the page is the one that the library gives.
  await page.getByTestId('words-view').getByText('Logit lens').click();
  const top = await page.evaluate(async () => {
    const trace = await window.lenslet!.trace('She said to the king');
    return (await trace.top(trace.tokens.length - 1, 1))[0]!;
  });
  await expect(page.getByLabel("The model's next token").locator('li, tr, [role=listitem]').first()).toContainText(
    Math.exp(top.logprob).toFixed(3).replace(/^0/, '').slice(0, 3),
  );
});

test('a token is previewed by the pointer, locked by a click, moved by arrows, let go by Esc', async ({ page }) => {
  await open(page);
  await page.getByTestId('chip-2').hover();
  await expect(page.getByTestId('readout')).toContainText('position 2');
  await page.getByTestId('chip-3').click();
  await expect(page.getByTestId('chip-3')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByTestId('cut')).toContainText('active on');
  // Each token has at most k latents, and the list says how many of them it shows.
  await expect(page.getByTestId('cut')).toContainText(/12 of the 16 features active/);
  await expect(page.locator('.cursor-locked')).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('chip-4')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByTestId('chip-3')).toHaveAttribute('aria-selected', 'false');
  await settled(page);
  await page.mouse.move(700, 880);
  await page.keyboard.press('Escape');
  await expect(page.locator('[aria-selected="true"]')).toHaveCount(0);
  await expect(page.getByTestId('cut')).toContainText('in the text');
});

test('what the list and the colours show are the engine’s own numbers', async ({ page }) => {
  await open(page);
  await page.getByTestId('chip-4').click();
  await page.getByRole('radio', { name: 'raw' }).or(page.getByLabel('raw')).first().check({ force: true });
  const first = page.locator('[data-testid^="feature-row-"]').first();
  const name = (await first.getAttribute('data-testid'))!.replace('feature-row-', '');
  const expected = await page.evaluate(async (text) => {
    const trace = await window.lenslet!.trace(text);
    const { ids, values, k } = trace.site(2);
    return { id: ids[4 * k]!, value: values[4 * k]! };
  }, OLD_MAN);
  expect(name).toBe(String(expected.id));
  await expect(first).toContainText(expected.value.toPrecision(3).slice(0, 3));
  // The chosen feature fills the token it is active on, and its scale is said.
  await first.getByRole('button').first().click();
  expect(Number(await page.getByTestId('chip-4').getAttribute('data-fill'))).toBeGreaterThan(0.08);
  await expect(page.getByTestId('scale')).toContainText(`2:${name}`);
  await expect(page.getByTestId('scale')).toContainText(/0 to [\d.]+, the feature’s maximum/);
});

test('a byte-split character is one chip, a newline is drawn, position 0 is muted', async ({ page }) => {
  await open(page, short('a 龘\nb'));
  const chips = page.locator('[data-testid^="chip-"]');
  const tokens = await page.evaluate(() => window.lenslet!.tokenize('a 龘\nb'));
  const fragments = tokens.filter((token) => token.fragment).length;
  expect(fragments).toBeGreaterThan(1);
  await expect(chips).toHaveCount(tokens.length - fragments + 1);
  await expect(chips.filter({ hasText: '龘' })).toHaveCount(1);
  await expect(page.getByTestId('chip-0')).toHaveClass(/chip-muted/);
  await expect(page.locator('.chips svg')).toHaveCount(1);
});

test('the site switch keeps text and token', async ({ page }) => {
  await open(page);
  await page.getByTestId('chip-3').click();
  const before = await page.locator('[data-testid^="feature-row-"]').first().textContent();
  await page
    .getByRole('group', { name: /^Layer/ })
    .or(page.getByRole('radiogroup', { name: /^Layer/ }))
    .getByText('3', { exact: true })
    .click();
  await expect(page.locator('[data-testid^="feature-row-"]').first()).toContainText('3:');
  expect(await page.locator('[data-testid^="feature-row-"]').first().textContent()).not.toBe(before);
  await expect(page.getByTestId('chip-3')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByTestId('prompt')).toHaveValue(OLD_MAN);
});

test('the parity check runs PyTorch’s reference on this machine', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Check parity' }).click();
  await expect(page.getByText('18 of 18 cases within tolerance')).toBeVisible();
  await expect(page.locator('[data-testid="parity-case"][data-ok="true"]')).toHaveCount(18);
});
