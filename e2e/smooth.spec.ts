import { synthesize } from '../bench/smooth/synthetic';
import { expect, OLD_MAN, open, type Page, ran, settled, short, test, watchShifts } from './page';

const TOKENS = 2000;

/** What of the page was drawn again while `action` went on. Counts, not times: a slow machine draws as often. */
async function drawn(page: Page, action: () => Promise<unknown>): Promise<Record<string, number>> {
  await page.evaluate(() => {
    window.lensletRenders = new Map();
  });
  await action();
  return page.evaluate(() => Object.fromEntries(window.lensletRenders!));
}

/** The open page over a made-up trace of 2,000 tokens with 50 features each. */
async function openLong(page: Page): Promise<void> {
  await open(page);
  const text = await page.evaluate(synthesize, { tokens: TOKENS, k: 50, seed: 16 });
  await page.getByTestId('prompt').fill(text);
  await expect(page.locator('.chips [role=option]')).toHaveCount(TOKENS);
  // Those out of sight are written some a frame.
  await page.waitForFunction(() => document.querySelectorAll('.chips [role=option]:not([aria-label])').length === 0);
  await settled(page);
}

test('2,000 tokens: a bounded page, cut where lines end, of a height that is known before it is laid out', async ({
  page,
}) => {
  await openLong(page);
  const size = await page.evaluate(() => {
    const count = (selector: string) => document.querySelectorAll(selector).length;
    const matrix = document.querySelector('.matrix')!;
    return {
      chips: count('.chips *'),
      matrix: count('.matrix *'),
      canvases: count('.matrix canvas'),
      sideways: matrix.scrollWidth - matrix.clientWidth,
    };
  });
  expect(size.chips).toBeLessThan(4.5 * TOKENS);
  expect(size.matrix).toBeLessThan(150);
  expect([size.canvases, size.sideways]).toEqual([1, 0]);
  const flow = await page.evaluate(() => {
    const list = document.querySelector('.chips')!;
    const before = list.scrollHeight;
    const blocks = [...list.querySelectorAll('.chip-block')];
    const right = list.getBoundingClientRect().left + list.clientWidth - 4;
    const ragged = blocks.slice(0, -1).filter((block, i) => {
      const next = blocks[i + 1]!.firstElementChild!.getBoundingClientRect();
      return block.lastElementChild!.getBoundingClientRect().right + next.width < right - 1;
    });
    for (const block of blocks) block.scrollIntoView();
    return { blocks: blocks.length, ragged: ragged.length, grown: list.scrollHeight - before };
  });
  expect(flow.blocks).toBeGreaterThan(20);
  expect([flow.ragged, flow.grown]).toEqual([0, 0]);
});

test('the pointer draws nothing again but the read-out', async ({ page }) => {
  await openLong(page);
  const counts = await drawn(page, async () => {
    for (let i = 3; i < 15; i++) await page.getByTestId(`chip-${i}`).hover();
    await expect(page.getByTestId('readout')).toContainText('position 14');
    await expect(page.locator('.chip-hover')).toHaveCount(1);
    await expect(page.getByTestId('chip-14')).toHaveClass(/chip-hover/);
  });
  // Among so many the strips name the one that is pointed at.
  await expect(page.locator('.matrix-token')).toHaveText((await page.getByTestId('chip-14').textContent())!.trim());
  expect(counts).toEqual({});
});

test('another feature colours the chips and draws none of them again', async ({ page }) => {
  await openLong(page);
  const fills = () =>
    page
      .locator('.chips [role=option]')
      .evaluateAll((chips) => chips.map((chip) => (chip as HTMLElement).dataset.fill).join());
  const before = await fills();
  const counts = await drawn(page, async () => {
    await page.locator('[data-testid^="feature-row-"]').nth(3).getByRole('button').first().click();
    await expect.poll(fills).not.toBe(before);
  });
  expect(counts.chips).toBeGreaterThan(0);
  expect(counts['matrix-row']).toBeLessThanOrEqual(2);
  expect([counts.chip, counts['matrix-sheet'], counts.words]).toEqual([undefined, undefined, undefined]);
});

test('typing draws no chip again but those that are new', async ({ page }) => {
  await open(page);
  const prompt = page.getByTestId('prompt');
  const counts = await drawn(page, async () => {
    await prompt.press('Control+End');
    await page.keyboard.type(' sea');
    await expect(page.locator('.chips [role=option]')).toHaveCount(
      await page.evaluate((text) => window.lenslet!.tokenize(text).then((t) => t.length), `${OLD_MAN} sea`),
    );
    await settled(page);
  });
  expect(counts.chip).toBe(1);
});

test('a note that is typed draws nothing of the text and the strips again', async ({ page }) => {
  await open(page);
  const note = page.getByRole('textbox', { name: /^Note on/ });
  const counts = await drawn(page, async () => {
    await note.click();
    await page.keyboard.type('fires after names');
    await expect(note).toHaveValue('fires after names');
    await note.blur();
  });
  for (const name of ['text', 'chips', 'chip', 'matrix', 'matrix-row', 'matrix-sheet'])
    expect([name, counts[name]]).toEqual([name, undefined]);
});

test('a streamed token draws nothing of text and features again, and moves nothing', async ({ page }) => {
  await open(page, short(OLD_MAN, '&e=2:11a1.5'));
  await ran(page);
  await watchShifts(page);
  const counts = await drawn(page, async () => {
    await page.getByTestId('generate').click();
    await expect(page.getByTestId('run')).not.toHaveAttribute('data-status', 'done');
    await ran(page);
  });
  for (const name of [
    'text',
    'chips',
    'chip',
    'features',
    'feature-card',
    'matrix',
    'matrix-row',
    'matrix-sheet',
    'words',
  ])
    expect([name, counts[name]]).toEqual([name, undefined]);
  expect(await page.evaluate(() => window.shifts)).toEqual([]);
});

test('a strip shows the whole text: its cells are the engine’s numbers, in the theme’s colour', async ({ page }) => {
  await open(page);
  const row = page.locator('[data-testid^="feature-row-"]').nth(2);
  const id = Number((await row.getAttribute('data-testid'))!.replace('feature-row-', ''));
  const active = await page.evaluate(
    async ([text, id]) => {
      const { ids, values, k } = (await window.lenslet!.trace(text)).site(2);
      return Array.from(
        { length: ids.length / k },
        (_, t) => t > 0 && ids.subarray(t * k, t * k + k).some((at, slot) => at === id && values[t * k + slot]! > 0),
      );
    },
    [OLD_MAN, id] as const,
  );
  /** Colour and opacity in the middle of each token's cell in the third row. */
  const cells = () =>
    page.evaluate((count) => {
      const canvas = document.querySelector<HTMLCanvasElement>('.matrix canvas')!;
      const rows = document.querySelectorAll('.matrix .strip').length;
      const context = canvas.getContext('2d')!;
      return Array.from({ length: count }, (_, t) => [
        ...context.getImageData(
          Math.floor(((t + 0.4) * canvas.width) / count),
          Math.floor((2.5 * canvas.height) / rows),
          1,
          1,
        ).data,
      ]);
    }, active.length);
  // Every token is named over its column.
  const named = await page.evaluate(() => {
    const middle = (box: DOMRect) => box.left + box.width / 2;
    const strip = document.querySelector('.matrix canvas')!.getBoundingClientRect();
    const names = [...document.querySelectorAll('.matrix-token')];
    return names.map((name, t) => [
      name.textContent,
      Math.abs(middle(name.getBoundingClientRect()) - (strip.left + ((t + 0.5) * strip.width) / names.length)) < 1,
    ]);
  });
  expect(named).toEqual(OLD_MAN.split(' ').map((word) => [word, true]));
  const light = await cells();
  expect(light.map(([, , , alpha]) => alpha! > 0)).toEqual(active);
  expect(active).toContain(true);
  await expect(row.getByRole('img')).toHaveAttribute(
    'aria-label',
    new RegExp(
      `^2:${id} active on ${active.filter(Boolean).length} of ${active.length} tokens, most at position \\d+, “`,
    ),
  );
  await page.emulateMedia({ colorScheme: 'dark' });
  const first = active.indexOf(true);
  await expect.poll(async () => (await cells())[first]).not.toEqual(light[first]);
  // On the paper it is what the token itself is filled with.
  await row.getByRole('button').first().click();
  const over = await page.getByTestId(`chip-${first}`).evaluate(
    (chip, [r, g, b, alpha]) => {
      const of = (element: Element) => {
        const { backgroundColor } = getComputedStyle(element);
        const parts = backgroundColor
          .match(/[\d.]+/g)!
          .slice(0, 3)
          .map(Number);
        return parts.map((part) => (backgroundColor.startsWith('rgb') ? part : 255 * part));
      };
      const [chipIs, paper] = [of(chip.firstElementChild!), of(document.documentElement)];
      return [r!, g!, b!].map((part, i) =>
        Math.abs((part * alpha!) / 255 + paper[i]! * (1 - alpha! / 255) - chipIs[i]!),
      );
    },
    (await cells())[first]!,
  );
  expect(Math.max(...over)).toBeLessThan(3);
});

test('a strip is a way to its tokens: the pointer finds them, a click locks, a drag selects', async ({ page }) => {
  await open(page);
  const count = await page.locator('.chips [role=option]').count();
  const box = (await page.locator('.matrix-sheet').boundingBox())!;
  const at = (t: number) => [box.x + ((t + 0.5) * box.width) / count, box.y + 50] as const;
  await page.mouse.move(...at(4));
  await expect(page.getByTestId('chip-4')).toHaveClass(/chip-hover/);
  await page.mouse.down();
  await page.mouse.up();
  await expect(page.getByTestId('chip-4')).toHaveAttribute('aria-selected', 'true');
  await expect(page.locator('.cursor-locked')).toBeVisible();
  await page.mouse.move(...at(1));
  await page.mouse.down();
  await page.mouse.move(...at(3));
  await page.mouse.up();
  await expect(page.locator('.chip-ranged')).toHaveCount(3);
  await expect(page.locator('.cursor-range')).toBeVisible();
  await expect(page.getByTestId('cut')).toContainText('on tokens 1 to 3');
});

test('tokens are selected with Shift, with the keys and by a drag; what is copied is their text', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  const tokens = await page.evaluate(
    (text) => window.lenslet!.tokenize(text).then((all) => all.map((token) => token.text)),
    OLD_MAN,
  );
  const selected = () =>
    page
      .locator('.chips [aria-selected="true"]')
      .evaluateAll((chips) => chips.map((chip) => Number((chip as HTMLElement).dataset.from)));
  const copied = async () => {
    await page.keyboard.press('Control+c');
    return page.evaluate(() => navigator.clipboard.readText());
  };
  await page.getByTestId('chip-1').click();
  await page.getByTestId('chip-3').click({ modifiers: ['Shift'] });
  expect(await selected()).toEqual([1, 2, 3]);
  expect(await copied()).toBe(tokens.slice(1, 4).join(''));
  await page.keyboard.press('Shift+ArrowRight');
  expect(await selected()).toEqual([1, 2, 3, 4]);
  await page.keyboard.press('ArrowLeft');
  expect(await selected()).toEqual([3]);
  await page.getByTestId('chip-4').hover();
  await page.mouse.down();
  await page.getByTestId('chip-2').hover();
  await page.mouse.up();
  expect(await selected()).toEqual([2, 3, 4]);
  expect(await page.evaluate(() => getSelection()!.isCollapsed)).toBe(true);
  expect(await copied()).toBe(tokens.slice(2, 5).join(''));
});

test('a chip says its token, its place and the shown quantity, as the read-out has it', async ({ page }) => {
  await open(page);
  await page.getByTestId('chip-3').hover();
  const name = (await page.getByTestId('scale').locator('b').textContent())!.trim();
  const parts = (await page.getByTestId('readout').textContent())!.split(' · ');
  const activation = parts.find((part) => part.startsWith(name))!;
  await expect(page.getByTestId('chip-3')).toHaveAttribute(
    'aria-label',
    new RegExp(`^\\S+, position 3, ${activation}$`),
  );
  await page.getByText('Surprisal', { exact: true }).click();
  const surprisal = parts.find((part) => part.startsWith('surprisal'))!;
  await expect(page.getByTestId('chip-3')).toHaveAttribute(
    'aria-label',
    new RegExp(`^\\S+, position 3, ${surprisal}$`),
  );
});
