import type { Page } from 'playwright';

/** What is measured of the open page: how long its thread keeps it from drawing, and what moves. Each function runs one round. */

declare global {
  interface Window {
    /** Times between frames since `watch`, and tasks of the page's thread over 50 ms. */
    watched?: { stop: () => { frame: number; task: number; shift: number } };
  }
}

/** Starts to watch frames, long tasks and layout shift. `stop` gives the longest of each and the sum of the last. */
function watch(): void {
  let frame = 0;
  let task = 0;
  let shift = 0;
  let last = performance.now();
  let going = true;
  const tasks = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) task = Math.max(task, duration);
  });
  tasks.observe({ type: 'longtask' });
  const shifts = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) if (!entry.hadRecentInput) shift += entry.value;
  });
  shifts.observe({ type: 'layout-shift' });
  const beat = () => {
    const now = performance.now();
    frame = Math.max(frame, now - last);
    last = now;
    if (going) requestAnimationFrame(beat);
  };
  requestAnimationFrame(beat);
  window.watched = {
    stop: () => {
      going = false;
      for (const { duration } of tasks.takeRecords()) task = Math.max(task, duration);
      tasks.disconnect();
      shifts.disconnect();
      return { frame, task, shift };
    },
  };
}

async function watched(page: Page, action: () => Promise<unknown>): Promise<{ frame: number; task: number; shift: number }> {
  await page.evaluate(watch);
  await action();
  return page.evaluate(() => window.watched!.stop());
}

/** The text band from its first line to its last in 120 frames. */
export async function scrolling(page: Page): Promise<number> {
  const { frame } = await watched(page, () =>
    page.evaluate(async () => {
      const list = document.querySelector('.chips')!;
      const end = list.scrollHeight - list.clientHeight;
      for (let i = 0; i <= 120; i++) {
        list.scrollTop = (end * i) / 120;
        await new Promise(requestAnimationFrame);
      }
    }),
  );
  return frame;
}

/** Forty other colourings: each feature of the list in turn, every fourth time the error or the surprisal. */
export async function recolouring(page: Page): Promise<number> {
  const { frame } = await watched(page, () =>
    page.evaluate(async () => {
      const rows = [...document.querySelectorAll<HTMLElement>('[data-testid^="feature-row-"] button:first-of-type')];
      const colours = [...document.querySelectorAll<HTMLElement>('[name="colour"]')];
      for (let i = 0; i < 40; i++) {
        const of = i % 4 === 3 ? colours[1 + ((i >> 2) % 2)]! : rows[i % rows.length]!;
        of.click();
        for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
      }
    }),
  );
  return frame;
}

/** The pointer over 60 tokens. */
export async function hovering(page: Page): Promise<number> {
  const box = (await page.locator('.chips').boundingBox())!;
  const { frame } = await watched(page, async () => {
    for (let i = 0; i < 60; i++) await page.mouse.move(box.x + 8 + (i * (box.width - 40)) / 60, box.y + 20 + (i % 4) * 28);
  });
  return frame;
}

/** One token after another locked. */
export async function locking(page: Page): Promise<number> {
  await page.locator('.chips [data-from]').first().focus();
  await page.keyboard.press('Enter');
  const { frame } = await watched(page, async () => {
    for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowRight');
  });
  await page.keyboard.press('Escape');
  return frame;
}
