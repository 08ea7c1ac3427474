import type { Page } from 'playwright';
import type { PageFigure } from './figures';
import { generate, hover, hoverRenders, lock, recolour, scroll } from './hand';
import { synthesize } from './synthetic';

/** What the built page does under the hand, in numbers: over a synthetic trace of 2,000 tokens, and while the model
 *  generates. */

declare global {
  interface Window {
    watched?: { stop: () => Watched };
  }
}

interface Watched {
  /** Longest time between two frames, ms. */
  frame: number;
  /** Layout shift, summed. */
  shift: number;
}

const TOKENS = 2000;
const GENERATED = 64;
/** Whatever an earlier figure set going is through after this long. */
const REST_MS = 600;

/** Runs inside the page: watches frames, tasks and layout shift until `stop`. */
function watch(): void {
  const seen = { frame: 0, shift: 0 };
  const shifts = new PerformanceObserver((list) => list.getEntries().forEach(shifted));
  const shifted = (entry: PerformanceEntry) => {
    seen.shift += (entry as PerformanceEntry & { value: number }).value;
  };
  shifts.observe({ type: 'layout-shift' });
  let last = performance.now();
  let going = true;
  const beat = () => {
    const now = performance.now();
    seen.frame = Math.max(seen.frame, now - last);
    last = now;
    if (going) requestAnimationFrame(beat);
  };
  requestAnimationFrame(beat);
  window.watched = {
    stop: () => {
      going = false;
      shifts.takeRecords().forEach(shifted);
      shifts.disconnect();
      return seen;
    },
  };
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Processor time of what is complete, microseconds. */
  tdur?: number;
  args: { name?: string };
}

/** Processor time of the longest task of the page's thread in a trace, ms. Unlike the time between two frames, it does
 *  not count what other programs took in between. */
export function longestTask(trace: string): number {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
  const thread = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const main = new Set(
    traceEvents
      .filter(({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args.name === 'CrRendererMain')
      .map(thread),
  );
  const tasks = traceEvents.filter(
    (event) => event.ph === 'X' && event.name.endsWith('RunTask') && main.has(thread(event)),
  );
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000));
}

async function watched(page: Page, action: () => Promise<unknown>): Promise<Watched & { task: number }> {
  const browser = page.context().browser()!;
  await page.waitForTimeout(REST_MS);
  await browser.startTracing(page, { categories: ['toplevel'] });
  await page.evaluate(watch);
  await action();
  const seen = await page.evaluate(() => window.watched!.stop());
  return { ...seen, task: longestTask((await browser.stopTracing()).toString()) };
}

const ready = (page: Page) =>
  page.waitForFunction(() => document.documentElement.dataset.state === 'ready', undefined, { timeout: 120_000 });

/** All figures of the page that is served at `url`, `rounds` rounds each. `log` hears of each. */
export async function pageFigures(
  page: Page,
  url: string,
  rounds: number,
  log: (text: string) => void,
): Promise<PageFigure[]> {
  // Who comes for the first time is shown around.
  await page.addInitScript(() => localStorage.setItem('lenslet-first-look', 'taken'));
  const figures: PageFigure[] = [];
  const add = async (
    what: string,
    parts: readonly { quantity: string; goal: number }[],
    round: () => Promise<number[]>,
  ) => {
    const all: number[][] = [];
    for (let i = 0; i < rounds; i++) all.push(await round());
    for (const [i, { quantity, goal }] of parts.entries())
      figures.push({ what: i ? '' : what, quantity, goal, rounds: all.map((values) => values[i]!) });
    log(`${what}: ${all.map((values) => values.map((value) => value.toFixed(0)).join('/')).join(', ')}`);
  };
  const time = [
    { quantity: 'longest frame, ms', goal: 50 },
    { quantity: 'longest task, ms of processor time', goal: 50 },
  ];
  const timed = (action: (page: Page) => Promise<unknown>) => async () => {
    const { frame, task } = await watched(page, () => action(page));
    return [frame, task];
  };

  await page.goto(`${url}?provider=wasm#p=The+old+man+looked+at+the&g=0.7,0.95,16,${GENERATED}&e=2:11a1.5`);
  await page.waitForSelector('[data-testid="run"][data-status="done"]', { timeout: 120_000 });
  await ready(page);
  await add(
    `Generating ${GENERATED} tokens, three texts, WebAssembly`,
    [...time, { quantity: 'layout shift', goal: 0 }],
    async () => {
      const { frame, task, shift } = await watched(page, () => generate(page));
      return [frame, task, shift];
    },
  );

  await page.goto('about:blank');
  await page.goto(`${url}?provider=wasm#p=The+old+man`);
  await ready(page);
  const text = await page.evaluate(synthesize, { tokens: TOKENS, k: 50, seed: 16 });
  await page.getByTestId('prompt').fill(text);
  await page.waitForFunction((count) => document.querySelectorAll('.chips [aria-label]').length === count, TOKENS, {
    timeout: 120_000,
  });
  await ready(page);
  await add('2,000 tokens: scrolled from end to end', time, timed(scroll));
  await add('2,000 tokens: coloured anew 40 times', time, timed(recolour));
  await add('2,000 tokens: the pointer over 60', time, timed(hover));
  await add('2,000 tokens: 20 locked, one after another', time, timed(lock));
  await add('2,000 tokens: the pointer over 60', [{ quantity: 'parts drawn again', goal: 0 }], async () => [
    await hoverRenders(page),
  ]);
  return figures;
}
