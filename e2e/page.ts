import { test as base, expect, type Page } from '@playwright/test';
import type { Lens } from '../src/lens/api/lens';
import { Keeper } from './shared-engine';

export { expect, type Page };

declare global {
  interface Window {
    lenslet?: Lens;
    runs?: number;
    shifts?: string[];
  }
}

/** `engine`: the page's engine is that of the tests before (see shared-engine.ts), or its own, for what is about
 *  opening, about the worker, or about files that a test answers in a file's place. */
export const test = base.extend<{ engine: 'shared' | 'own' }, { keepers: { shared: Keeper | null } }>({
  engine: ['shared', { option: true }],
  keepers: [
    async ({ browser: _ }, use) => {
      const keepers: { shared: Keeper | null } = { shared: null };
      await use(keepers);
      await keepers.shared?.close();
    },
    { scope: 'worker' },
  ],
  context: async ({ context, browser, engine, keepers, viewport, baseURL, serviceWorkers }, use) => {
    if (engine === 'own') return use(context);
    keepers.shared ??= await Keeper.open(await browser.newContext({ viewport, baseURL, serviceWorkers }), baseURL!);
    await use(keepers.shared.context);
    await keepers.shared.closePages();
  },
  page: async ({ context, engine, keepers }, use) => {
    await use(engine === 'own' ? await context.newPage() : await keepers.shared!.newPage());
  },
});

/** A link's fragment: a short prompt and few tokens keep a run quick. */
export const short = (prompt: string, rest = ''): string => `#p=${encodeURIComponent(prompt)}&g=0.7,0.95,16,12${rest}`;

export const OLD_MAN = 'The old man looked at the';

/** Opens the page and waits until the model is open and nothing is under way. */
export async function open(page: Page, hash = short(OLD_MAN), query = '?provider=wasm'): Promise<void> {
  await page.goto(`./${query}${hash}`);
  await settled(page);
}

export async function settled(page: Page, timeout = 240_000): Promise<void> {
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready', undefined, { timeout });
}

/** Waits for a run that has ended: all streams and the band. */
export async function ran(page: Page, timeout = 240_000): Promise<void> {
  await expect(page.getByTestId('run')).toHaveAttribute('data-status', 'done', { timeout });
  await settled(page);
}

/** Counts the generations from now on, in `window.runs`. */
export async function countRuns(page: Page): Promise<void> {
  await page.evaluate(() => {
    const lens = window.lenslet!;
    const generate = lens.generate.bind(lens);
    window.runs = 0;
    lens.generate = (prompt, options) => {
      window.runs!++;
      return generate(prompt, options);
    };
  });
}

/** Adds feature `id` of the current site as an edit through the box that goes to a feature. */
export async function steerFirst(page: Page): Promise<string> {
  const row = page.locator('[data-testid^="feature-row-"]').first();
  const name = (await row.getAttribute('data-testid'))!.replace('feature-row-', '');
  await row.getByRole('button', { name: /steer/i }).click();
  return name;
}

/** Notes every layout shift from now on in `window.shifts`: its size and what moved. What the reader's own hand moved
 *  counts too, unless it is left out. */
export async function watchShifts(page: Page, withHand = true): Promise<void> {
  await page.evaluate(async (counted) => {
    // A typeface that arrives late on a busy machine moves everything, and is not what moves here.
    await document.fonts.ready;
    // What was asked for before is drawn first, however busy the machine is.
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput, sources } = entry as PerformanceEntry & {
          value: number;
          hadRecentInput: boolean;
          sources: { node: Node | null }[];
        };
        if (counted || !hadRecentInput)
          window.shifts!.push(
            ...sources.map(({ node }) => `${value} ${(node?.parentElement?.outerHTML ?? '').slice(0, 300)}`),
          );
      }
    }).observe({ type: 'layout-shift', buffered: false });
  }, withHand);
}

/** What stands out of the page's width, though not inside of something that cuts it or scrolls: a place cuts it, so that
 *  the page itself does not scroll. */
export const standsOut = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const cut = (element: Element): boolean => {
      for (let at = element.parentElement; at && !at.classList.contains('place'); at = at.parentElement)
        if (getComputedStyle(at).overflowX !== 'visible') return true;
      return false;
    };
    return [...document.querySelectorAll('#root *')]
      .filter(
        (element) => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth && !cut(element),
      )
      .map((element) => element.outerHTML.slice(0, 120));
  });

/** Holds back what is asked for at `url` until the returned function is called. */
export async function holdBack(page: Page, url: string): Promise<() => void> {
  let go = () => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  await page.route(url, async (route) => {
    await held;
    await route.continue();
  });
  return go;
}
