import type { Page } from 'playwright';

/** What a hand does with the page while it is measured. */

/** The text from its first line to its last, in 120 frames. */
export const scroll = (page: Page) =>
  page.evaluate(async () => {
    const list = document.querySelector('.chips')!;
    const end = list.scrollHeight - list.clientHeight;
    for (let i = 0; i <= 120; i++) {
      list.scrollTop = (end * i) / 120;
      await new Promise(requestAnimationFrame);
    }
    list.scrollTop = 0;
  });

/** Forty other colourings: each feature of the list in turn, every fourth time the error or the surprisal. */
export const recolour = (page: Page) =>
  page.evaluate(async () => {
    const rows = [...document.querySelectorAll<HTMLElement>('[data-testid^="feature-row-"] button:first-of-type')];
    const colours = [...document.querySelectorAll<HTMLElement>('[name="colour"]')];
    for (let i = 0; i < 40; i++) {
      const next = i % 4 === 3 ? colours[1 + ((i >> 2) % 2)]! : rows[i % rows.length]!;
      next.click();
      for (let frame = 0; frame < 6; frame++) await new Promise(requestAnimationFrame);
    }
  });

export async function hover(page: Page): Promise<void> {
  const box = (await page.locator('.chips').boundingBox())!;
  for (let i = 0; i < 60; i++)
    await page.mouse.move(box.x + 8 + (i * (box.width - 40)) / 60, box.y + 16 + (i % 4) * 28);
}

/** Counts what is drawn again while the pointer goes over 60 tokens. */
export async function hoverRenders(page: Page): Promise<number> {
  await page.evaluate(() => {
    window.lensletRenders = new Map();
  });
  await hover(page);
  return page.evaluate(() => {
    const drawn = [...window.lensletRenders!.values()].reduce((sum, count) => sum + count, 0);
    window.lensletRenders = undefined;
    return drawn;
  });
}

export async function lock(page: Page): Promise<void> {
  await page.locator('.chips [data-from]').first().focus();
  await page.keyboard.press('Enter');
  for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Escape');
}

export async function generate(page: Page): Promise<void> {
  await page.getByTestId('generate').click();
  await page.waitForSelector('[data-testid="run"]:not([data-status="done"])');
  await page.waitForSelector('[data-testid="run"][data-status="done"]', { timeout: 120_000 });
}
