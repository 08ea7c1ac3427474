import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Locator, type Page } from '@playwright/test';
import { type KeptInBrowser, putAll } from '../fixtures/kept/storage.mjs';

// What people already have, as an earlier build of the page wrote it (docs/kept.md). These tests know the page by what
// it promises to everybody: its addresses, its names in the browser, `window.lenslet`, `data-state`; and by its test
// ids.

export const VERSION_1 = fileURLToPath(new URL('../fixtures/kept/1/', import.meta.url));

export const readText = (file: string): string => readFileSync(join(VERSION_1, file), 'utf8');
export const readJson = <T>(file: string): T => JSON.parse(readText(file)) as T;

/** A wait for the page on a machine that has much else to do. */
export const LONG = { timeout: 120_000 };

export interface Edit {
  layer: number;
  feature?: number;
  mode: string;
  strength: number;
  on?: string;
  where?: string | number[];
  direction?: unknown;
}

interface Codes {
  ids: Uint32Array;
  values: Float32Array;
  fvu: Float32Array;
  norm: Float32Array;
}

/** Of the library's interface, which the page has as `window.lenslet`, what these tests use. */
export interface Lens {
  info: {
    model: string;
    sha256: string | null;
    provider: string;
    format: string;
    origin: unknown;
    sites: {
      layer: number;
      width: number;
      k: number;
      maximum: Float32Array | null;
      density: Float32Array | null;
      normMedian: number | null;
      center: string;
    }[];
  };
  trace(text: string): Promise<{
    tokens: { id: number }[];
    site(layer: number): Codes;
    top(position: number, n: number): Promise<{ id: number; text: string; logprob: number }[]>;
  }>;
  generate(prompt: Prompt, options: { variants?: Edit[][] } & Partial<Sampling>): AsyncIterable<unknown>;
}

/** A text, or a conversation. */
type Prompt = string | { messages: { role: string; content: string }[] };

export interface Sampling {
  temperature: number;
  topP: number;
  seed: number;
  maxTokens: number;
}

export interface Run {
  /** The text; of a conversation of one turn, its speaker and its words. */
  prompt: string;
  variants: Edit[][];
  sampling: Sampling;
}

/** The page's window, seen from a test. */
export interface KeptWindow {
  lenslet?: Lens;
  keptRuns?: Run[];
}

export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready', undefined, LONG);
}

export async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await settled(page);
}

/** As a link that is pasted into the tab. */
export async function paste(page: Page, fragment: string): Promise<void> {
  await page.evaluate((next) => {
    location.hash = next;
  }, fragment);
}

/** Notes what the page asks the engine to write: that is what its rows, its sampling and its control mean. */
export async function noteRuns(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = window as unknown as KeptWindow;
    const lens = seen.lenslet!;
    const generate = lens.generate.bind(lens);
    seen.keptRuns = [];
    const written = (prompt: Prompt) =>
      typeof prompt === 'string' ? prompt : prompt.messages.map((turn) => `${turn.role}: ${turn.content}`).join('\n');
    lens.generate = (prompt, options) => {
      const { variants = [[]], temperature, topP, seed, maxTokens } = options;
      seen.keptRuns!.push(
        structuredClone({
          prompt: written(prompt),
          variants,
          sampling: { temperature, topP, seed, maxTokens } as Sampling,
        }),
      );
      return generate(prompt, options);
    };
  });
}

/** The last run of this text that the page asked for. */
export async function lastRun(page: Page, prompt: string): Promise<Run> {
  const found = () =>
    page.evaluate(
      (of) => (window as unknown as KeptWindow).keptRuns!.filter((run) => run.prompt === of).at(-1) ?? null,
      prompt,
    );
  await expect.poll(found, { ...LONG, message: `a run of “${prompt}”` }).not.toBeNull();
  await settled(page);
  return (await found())!;
}

export const forgetRuns = (page: Page): Promise<void> =>
  page.evaluate(() => {
    (window as unknown as KeptWindow).keptRuns = [];
  });

/** Edits are the same to seven digits of their strength: float32 has no more. */
export function expectEdits(edits: readonly Edit[], wanted: readonly Edit[], what: string): void {
  // `active` was called `code` when these were kept.
  const bare = (list: readonly Edit[]) =>
    list.map(({ strength: _, on, ...edit }) => ({ ...edit, on: (on as string) === 'code' ? 'active' : on }));
  expect(bare(edits), what).toEqual(bare(wanted));
  for (const [i, { strength }] of wanted.entries())
    expect(Math.abs(edits[i]!.strength - strength), `${what}: strength ${i}`).toBeLessThanOrEqual(
      1e-6 * Math.abs(strength),
    );
}

/** The box whose number a reader sees by this name. */
export const number = (page: Page, name: string): Locator => page.getByRole('spinbutton', { name, exact: true });

export async function expectSampling(page: Page, { temperature, topP, seed, maxTokens }: Sampling): Promise<void> {
  await expect(number(page, 'Temperature')).toHaveValue(String(temperature));
  await expect(number(page, 'Top-p')).toHaveValue(String(topP));
  await expect(number(page, 'Seed')).toHaveValue(String(seed));
  await expect(number(page, 'Tokens to generate')).toHaveValue(String(maxTokens));
}

/** What stands in the browser, with all its files. */
export function inBrowser(): KeptInBrowser {
  const kept = readJson<Omit<KeptInBrowser, 'files'>>('browser.json');
  const root = join(VERSION_1, 'opfs');
  const files: Record<string, string> = {};
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[path.slice(root.length + 1).replaceAll('\\', '/')] = readFileSync(path).toString('base64');
  }
  return { ...kept, files };
}

/** Leaves in this browser what is kept, and the tab at the address, of which the page itself has not run yet: a reload
 *  is the first it sees. */
export async function leave(page: Page, address: string, kept: Partial<KeptInBrowser>): Promise<void> {
  await page.route(
    (url) => !url.pathname.endsWith('favicon.ico'),
    (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Not yet</title>' }),
    { times: 1 },
  );
  await page.goto(address);
  await page.evaluate(putAll, kept);
}

/** What is asked of any other server than the page's own. */
export function foreignRequests(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^http/.test(protocol) && hostname !== '127.0.0.1') asked.push(request.url());
  });
  return asked;
}

export interface ReadOut {
  text: string;
  tokens: number[];
  position: number;
  format: string;
  provider: string;
  sha256: string | null;
  sites: { layer: number; width: number; k: number; ids: number[]; values: number[]; fvu: number; norm: number }[];
  top: { id: number; logprob: number }[];
}

/** The open model says of a text what it said when this was written down: its tokens, the codes of the last one, and
 *  what comes next. */
export async function expectNumbers(page: Page, wanted: ReadOut): Promise<void> {
  const { text, position, tokens, sites, top, ...facts } = wanted;
  const found = await page.evaluate(
    async ([asked, at, layers]) => {
      const lens = (window as unknown as KeptWindow).lenslet!;
      const trace = await lens.trace(asked);
      const { format, provider, sha256 } = lens.info;
      const read = layers.map((layer) => {
        const { k, width } = lens.info.sites.find((site) => site.layer === layer)!;
        const { ids, values, fvu, norm } = trace.site(layer);
        const row = [at * k, (at + 1) * k] as const;
        return {
          layer,
          width,
          k,
          ids: [...ids.slice(...row)],
          values: [...values.slice(...row)],
          fvu: fvu[at]!,
          norm: norm[at]!,
        };
      });
      return {
        format,
        provider,
        sha256,
        tokens: trace.tokens.map(({ id }) => id),
        sites: read,
        top: await trace.top(at, 5),
      };
    },
    [text, position, sites.map(({ layer }) => layer)] as const,
  );
  expect({ format: found.format, provider: found.provider, sha256: found.sha256, tokens: found.tokens }).toEqual({
    format: facts.format,
    provider: facts.provider,
    sha256: facts.sha256,
    tokens,
  });
  for (const [i, site] of sites.entries()) {
    const { values, fvu, norm, ...same } = site;
    expect(found.sites[i]).toMatchObject(same);
    const near = (a: number, b: number, what: string) =>
      expect(Math.abs(a - b), what).toBeLessThan(1e-4 * Math.max(1, Math.abs(b)));
    for (const [slot, value] of values.entries())
      near(found.sites[i]!.values[slot]!, value, `layer ${site.layer}, slot ${slot}`);
    near(found.sites[i]!.fvu, fvu, 'FVU');
    near(found.sites[i]!.norm, norm, 'norm');
  }
  expect(found.top.map(({ id }) => id)).toEqual(top.map(({ id }) => id));
  for (const [i, { logprob }] of top.entries()) expect(Math.abs(found.top[i]!.logprob - logprob)).toBeLessThan(1e-3);
}

/** The files of the folder that people have on a disk or a host, at an address beside the page. */
export async function serveFolder(page: Page, under: string): Promise<void> {
  await page.route(`**${under}**`, async (route) => {
    const path = join(VERSION_1, 'folder', new URL(route.request().url()).pathname.split(under)[1]!);
    await route.fulfill(readOr(path));
  });
}

function readOr(path: string): { body: Buffer } | { status: number } {
  try {
    return { body: readFileSync(path) };
  } catch {
    return { status: 404 };
  }
}
