import { processMemory, watchHeap } from './memory.mjs';

/** What opening a model in the page takes.
 *  @import { LookAlike, Logged } from '../../tools/hub/server.mjs'
 *  @typedef {{ name: string, seconds: number, bytes?: number }} Stage
 *  @typedef {{ javascript: number, renderer: number | null, gpu: number | null }} Peak Bytes.
 *  @typedef {{ requests: number, downloaded: number, peak: Peak }} Cost
 *  @typedef {Cost & { name: string, opened: number | null, stages: Stage[] }} Visit `opened`: seconds until it was. */

/** Between two looks at a page that opens a model, in milliseconds. */
const LOOK = 250;
/** Between two lines about the same stage. */
const TOLD = 10_000;

/** What the page says while it opens a model. */
const look = () => ({
  state: document.documentElement.dataset.state,
  stages: Array.from(document.querySelectorAll('[data-testid="opening"] .stages li'), (line) => [
    line.children[0]?.textContent ?? 'Start',
    line.querySelector('.figures')?.textContent ?? '',
  ]),
  error: document.querySelector('[data-testid="error"]')?.textContent ?? null,
});

/** "1.20 of 3.44 GB" as a share, 0 where it is none. */
export function shareOf(/** @type {string} */ amount) {
  const [, loaded, total] = /([\d.]+) of ([\d.]+)/.exec(amount) ?? [];
  return total ? Number(loaded) / Number(total) : 0;
}

/** Seconds in each stage, in the order in which the stages came. The time until the next look counts for the line that
 *  changed last. */
export class Stages {
  #seconds = /** @type {Map<string, number>} */ (new Map());
  #lines = /** @type {Map<string, string>} */ (new Map());
  #current = '';
  #at;

  constructor(/** @type {number} */ now) {
    this.#at = now;
  }

  note(/** @type {string[][]} */ lines, /** @type {number} */ now) {
    if (this.#current)
      this.#seconds.set(this.#current, (this.#seconds.get(this.#current) ?? 0) + (now - this.#at) / 1000);
    this.#at = now;
    for (const [name, amount] of lines) {
      if (this.#lines.get(name) === amount) continue;
      this.#lines.set(name, amount);
      this.#current = name;
    }
  }

  get list() {
    return Array.from(this.#seconds, ([name, seconds]) => ({ name, seconds }));
  }
}

/** What the Hub sent of each large file, as rows of stages.
 *  @param {Pick<Logged, 'path' | 'sent' | 'seconds'>[]} log */
export function downloadsOf(log) {
  const files = new Map();
  for (const { path, sent, seconds = 0 } of log) {
    const name = path.replace(/.*\//, '');
    const file = files.get(name) ?? { name: `download and convert ${name}`, seconds: 0, bytes: 0 };
    file.seconds += seconds;
    file.bytes += sent;
    files.set(name, file);
  }
  return [...files.values()].filter(({ bytes }) => bytes > 1e6);
}

/**
 * Opens the model at `address` in a page of `context` as somebody would: sees what it takes, confirms. Looks at it
 * until it is open, or until `leave(share of the download)` says to go. Resolves to what it took; throws what the page
 * says of a failure, or that `limit` seconds were not enough.
 *
 * @param {{ name: string, context: import('playwright').BrowserContext, profile: string, hub: LookAlike,
 *   address: string, limit: number, leave?: (share: number) => boolean, say?: (line: string) => void }} options
 */
export async function visit({ name, context, profile, hub, address, limit, leave = () => false, say = () => {} }) {
  const before = hub.log.length;
  const page = context.pages()[0] ?? (await context.newPage());
  const heap = await watchHeap(page);
  await page.goto(address);
  await confirm(page, limit);
  const began = performance.now();
  const stages = new Stages(began);
  /** @type {Peak} */
  const peak = { javascript: 0, renderer: null, gpu: null };
  /** @type {Visit} */
  const result = { name, opened: null, stages: [], requests: 0, downloaded: 0, peak };
  let last = '';
  let told = { stage: '', at: 0 };
  for (;;) {
    const { state, stages: lines, error } = await page.evaluate(look);
    const now = performance.now();
    // Once it is open, the page traces the link's text by itself.
    stages.note(lines.length || last === '' ? lines : [['the link’s text, traced by the page', '']], now);
    peak.javascript = Math.max(peak.javascript, await heap.bytes());
    noteProcesses(peak, processMemory(profile));
    const line = lines.map((one) => one.join(' ')).at(-1) ?? (last && 'open');
    const stage = lines.at(-1)?.[0] ?? line;
    if (stage !== told.stage || now - told.at > TOLD) {
      told = { stage, at: now };
      say(
        `${name}, ${Math.round((now - began) / 1000)} s: ${line}; JavaScript ${Math.round(peak.javascript / 1e6)} MB`,
      );
    }
    last = line;
    if (error) throw new Error(`The page says in "${name}": ${error}`);
    if (state === 'ready') {
      result.opened = (now - began) / 1000;
      break;
    }
    if (leave(Math.max(0, ...lines.filter(([stage]) => stage === 'Download').map(([, amount]) => shareOf(amount)))))
      break;
    if (now - began > limit * 1000) throw new Error(`"${name}" was not through after ${limit} s; it stood at: ${line}`);
    await page.waitForTimeout(LOOK);
  }
  return Object.assign(result, {
    page,
    /** Once no connection is open any more. */
    settle() {
      const log = hub.log.slice(before);
      result.requests = log.length;
      result.downloaded = log.reduce((sum, { sent }) => sum + sent, 0);
      result.stages = [...downloadsOf(log), ...stages.list.filter(({ name: stage }) => stage !== 'Download')];
      return log;
    },
  });
}

function noteProcesses(/** @type {Peak} */ peak, /** @type {ReturnType<typeof processMemory>} */ found) {
  for (const kind of /** @type {const} */ (['renderer', 'gpu']))
    if (found?.[kind]) peak[kind] = Math.max(peak[kind] ?? 0, found[kind].peak);
}

/** Says yes where the page asks. What is kept whole opens without a question. */
async function confirm(/** @type {import('playwright').Page} */ page, /** @type {number} */ limit) {
  const asks = page.getByTestId('see-plan');
  await page.waitForFunction(
    () =>
      document.querySelector('[data-testid="see-plan"], [data-testid="opening"]') ||
      document.documentElement.dataset.state === 'ready',
    undefined,
    { timeout: limit * 1000 },
  );
  if (!(await asks.isVisible())) return;
  await asks.click();
  await page.locator('[data-testid="confirm-open"]:enabled').click({ timeout: 60_000 });
}
