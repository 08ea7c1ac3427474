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
    Math.exp(top.logprob).toFixed(3).slice(0, 4),
  );
});

test('characters that are being composed are neither traced nor a step of undo', async ({ page, context }) => {
  await open(page, short('a'));
  await page.evaluate(() => {
    const lens = window.lenslet!;
    const trace = lens.trace.bind(lens);
    const seen: string[] = [];
    Object.assign(window, { traced: seen });
    lens.trace = (text, options) => {
      seen.push(String(text));
      return trace(text, options);
    };
  });
  const traced = () => page.evaluate(() => (window as unknown as { traced: string[] }).traced);
  const prompt = page.getByTestId('prompt');
  await prompt.fill('');
  await settled(page);
  const hand = await context.newCDPSession(page);
  for (const text of ['n', 'ni', 'nihao'])
    await hand.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  await expect(prompt).toHaveValue('nihao');
  // Longer than the pause before tracing, and than the one that ends a step.
  await page.waitForTimeout(700);
  expect(await traced()).toEqual([]);
  await hand.send('Input.insertText', { text: '你好' });
  await expect(page.getByTestId('chip-0')).toContainText('你');
  await settled(page);
  expect(await traced()).toEqual(['你好']);
  await page.waitForTimeout(600);
  await page.getByTestId('undo').click();
  await expect(prompt).toHaveValue('');
  await page.getByTestId('redo').click();
  await expect(prompt).toHaveValue('你好');
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
  await expect(page.getByTestId('scale')).toContainText(/0 +[\d.]+, the feature’s maximum/);
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

test('lines of surprisal and FVU are drawn when one of them colours the text, and move nothing', async ({ page }) => {
  await open(page);
  const list = page.getByRole('listbox', { name: 'Tokens', exact: true });
  const strongest = () =>
    list
      .locator('.lanes')
      .evaluateAll((lanes) =>
        ['--lane-0', '--lane-1'].map((lane) =>
          Math.max(...lanes.map((one) => Number.parseFloat(getComputedStyle(one).getPropertyValue(lane)))),
        ),
      );
  const box = await list.boundingBox();
  expect(await strongest()).toEqual([0, 0]);
  await expect(page.getByTestId('lines-key')).toHaveCount(0);
  for (const colour of ['FVU', 'Surprisal']) {
    await page.getByRole('radio', { name: colour, exact: true }).check();
    await expect(page.getByTestId('lines-key')).toContainText(/^Lines: surprisal, 0 to 9\.0 nats, over FVU, 0 to 1$/);
    expect(Math.min(...(await strongest()))).toBeGreaterThan(8);
    expect(await list.boundingBox()).toEqual(box);
  }
  await page.getByRole('radio', { name: 'Feature', exact: true }).check();
  expect(await strongest()).toEqual([0, 0]);
});

test('nothing is drawn through the letters of a token that is locked or under the pointer', async ({ page }) => {
  await open(page, short('The old man looked at 钥匙', '&s=3&f=39'));
  for (const token of ['looked', '钥']) {
    const chip = page.locator('.chip', { hasText: token });
    const { x, y, width, height } = (await chip.locator('.chip-text').boundingBox())!;
    const letters = () =>
      page.screenshot({ clip: { x: x + 1, y: y + 1, width: width - 2, height: height - 2 }, animations: 'disabled' });
    const before = await letters();
    await chip.hover();
    expect([token, (await letters()).equals(before)]).toEqual([token, true]);
    await chip.click();
    await page.mouse.move(700, 880);
    await expect(chip).toHaveClass(/chip-locked/);
    await expect(page.locator('.chip-hover')).toHaveCount(0);
    expect([token, (await letters()).equals(before)]).toEqual([token, true]);
    // The hairline goes on from it, above and below.
    const lines = await chip.evaluate((element) => {
      const { top, bottom } = getComputedStyle(element, '::after');
      return [top, bottom].map(Number.parseFloat);
    });
    expect(lines[0]).toBeLessThan(0);
    await page.keyboard.press('Escape');
  }
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
  // Over every place; the keys of the places wait until it is closed, and Esc closes it alone.
  await page.getByTestId('open-log').click();
  await page.getByRole('button', { name: 'Check parity' }).click();
  await expect(page.getByText('18 of 18 cases within tolerance')).toBeVisible();
  await expect(page.locator('[data-testid="parity-case"][data-ok="true"]')).toHaveCount(18);
  // All of it is seen, and Esc closes it.
  await expect(page.getByTestId('parity-case').last()).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('n');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('parity')).toHaveCount(0);
  await expect(page.getByTestId('open-log')).toHaveAttribute('aria-current', 'page');
});
