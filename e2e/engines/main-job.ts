import { expect } from 'vitest';
import type { Lens } from '../../src/lens/api/lens';
import { figure, fixed, score } from '../../src/lens/maths/figures';
import { DIST, type StaticHost, serve } from '../static-host';
import { type Engine, id, textOf, until } from './engine';
import type { Expected, Texts } from './expected';

declare global {
  interface Window {
    lenslet?: Lens;
    faults?: string[];
  }
}

/** The main job of the page, in any engine: each step as a reader takes it, and what it must show. They are run in this
 *  order, each on what those before it left. */
export const STEPS: readonly {
  name: string;
  run: (engine: Engine, host: StaticHost, expected: Expected) => Promise<void>;
}[] = [
  { name: 'opens with its recording, and computes it again', run: opens },
  { name: 'traces a typed text', run: traces },
  { name: 'locks a token and lists its features', run: locks },
  { name: 'steers a feature', run: steers },
  { name: 'verbalizes a token', run: verbalizes },
  { name: 'generates from another text', run: generates },
  { name: 'says what it cannot do here', run: refuses },
  { name: 'reaches no other origin', run: staysAtHome },
  { name: 'shows the same view from its link, without its host', run: reopens },
];

/** Nothing is under way. */
const settled = (engine: Engine) =>
  until(
    engine,
    'the page is ready',
    () => document.documentElement.dataset.state === 'ready' && window.lenslet !== undefined,
  );

/** Notes from now on in `window.faults` what no code of the page has caught. */
const noteFaults = (engine: Engine) =>
  engine.evaluate(() => {
    window.faults = [];
    window.addEventListener('error', ({ message }) => window.faults!.push(message));
    window.addEventListener('unhandledrejection', ({ reason }) => window.faults!.push(String(reason)));
  });

/** A run of what the page says now has ended. */
async function ran(engine: Engine): Promise<void> {
  await until(engine, 'the run is done', () => {
    const run = document.querySelector<HTMLElement>('[data-testid="run"]');
    return run?.dataset.status === 'done' && run.dataset.stale === 'false';
  });
  await settled(engine);
}

/** Generated texts as they stand on the page, without its remarks. */
const textsOf = (engine: Engine) =>
  engine.evaluate(() =>
    ['baseline', 'steered', 'control'].map((kind) =>
      [...document.querySelectorAll(`[data-testid="run-${kind}"] [data-i]`)]
        .map((token) =>
          (token.textContent ?? '').slice(
            0,
            (token.textContent ?? '').length - (token.querySelector('.stream-end')?.textContent ?? '').length,
          ),
        )
        .join(''),
    ),
  ) as unknown as Promise<Texts>;

const listedOn = (engine: Engine) =>
  engine.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[data-testid^="feature-row-"]')].map((row) =>
      Number(row.dataset.testid!.slice(12)),
    ),
  );

async function opens(engine: Engine, { origin }: StaticHost): Promise<void> {
  await engine.goto(`${origin}/`);
  await noteFaults(engine);
  const live = await until(engine, 'the recording is computed again', () => {
    const says = document.querySelector('[data-testid="recorded"]')?.textContent ?? '';
    return says.startsWith('computed here') && says;
  });
  await ran(engine);
  // Another browser recorded it: the same features, as far apart as float32 is.
  expect(live).toMatch(/^computed here; (same as|within [\d.]+e−\d+ of) the recording$/);
  expect(Number((/within (\S+)/.exec(live)?.[1] ?? '0').replace('−', '-'))).toBeLessThan(1e-2);
  const runs = await engine.evaluate(() => {
    const { provider, runtime, notices } = window.lenslet!.info;
    return { provider, runtime, notices, canSuspend: 'Suspending' in WebAssembly };
  });
  expect(runs.provider).toBe('wasm');
  expect(runs.runtime).toBe(runs.canSuspend ? 'jspi' : 'asyncify');
  // What is missing here is said.
  expect(runs.notices).toEqual(['This browser has no WebGPU. Running on WebAssembly: slower, same results.']);
  expect(await textOf(engine, id('notices'))).toContain(runs.notices[0]);
  expect(await textOf(engine, id('status-provider'))).toBe('wasm');
  await engine.click(`${id('first-look')} button`);
  expect(await textOf(engine, id('first-look'))).toBe(null);
}

async function traces(engine: Engine, _host: StaticHost, { prompt, ids }: Expected): Promise<void> {
  // Who removes the last recorded edit and is in the text before the next frame stays there.
  const focus = await engine.evaluate(async () => {
    const removes = () =>
      document.querySelectorAll<HTMLElement>('[data-testid^="steer-row-"] button[aria-label^="Remove"]');
    for (let left = removes().length; left > 1; left--) {
      removes()[0]!.click();
      await new Promise(requestAnimationFrame);
    }
    removes()[0]!.click();
    document.querySelector<HTMLElement>('[data-testid="prompt"]')!.focus();
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    return document.activeElement?.getAttribute('data-testid');
  });
  expect(focus).toBe('prompt');
  await engine.type(id('prompt'), prompt);
  await until(
    engine,
    'the typed text is traced',
    (count) => document.querySelectorAll('[data-testid^="chip-"]').length === count,
    ids.length,
  );
  await settled(engine);
  expect(
    await engine.evaluate(() => document.querySelector<HTMLTextAreaElement>('[data-testid="prompt"]')!.value),
  ).toBe(prompt);
  expect(
    await engine.evaluate(async (text) => (await window.lenslet!.tokenize(text)).map((token) => token.id), prompt),
  ).toEqual(ids);
}

async function locks(
  engine: Engine,
  _host: StaticHost,
  { prompt, edit, position, listed, ...expected }: Expected,
): Promise<void> {
  await engine.click(`${id('site')} label:has(input[value="${edit.layer}"])`);
  await engine.click(id(`chip-${position}`));
  await until(
    engine,
    'the token is locked',
    (chip) => document.querySelector(chip)?.getAttribute('aria-selected') === 'true',
    id(`chip-${position}`),
  );
  await settled(engine);
  expect(await listedOn(engine)).toEqual(listed);
  const own = await engine.evaluate(
    async (text, layer, at) => {
      const trace = await window.lenslet!.trace(text);
      const { fvu, norm } = trace.site(layer);
      const found = { surprisal: (await trace.surprisal())[at]!, fvu: fvu[at]!, norm: norm[at]! };
      trace.dispose();
      return found;
    },
    prompt,
    edit.layer,
    position,
  );
  expect(await textOf(engine, id('readout'))).toContain(
    ` · surprisal ${fixed(own.surprisal, 2)} nats · FVU ${fixed(own.fvu, 3)} · residual norm ${figure(own.norm)}`,
  );
  expect(own.surprisal).toBeCloseTo(expected.surprisal, 3);
  expect(own.fvu).toBeCloseTo(expected.fvu, 4);
  expect(own.norm / expected.norm).toBeCloseTo(1, 5);
}

async function steers(engine: Engine, _host: StaticHost, { prompt, edit, maxTokens, texts }: Expected): Promise<void> {
  await engine.type('.sampling input[aria-label="Temperature"]', '0', true);
  await engine.type('.sampling input[aria-label="Tokens to generate"]', String(maxTokens), true);
  await engine.click(`${id(`feature-row-${edit.feature}`)} .steer-button`);
  await until(
    engine,
    'the feature is a row of the edits',
    (row, name) => document.querySelector(row)?.textContent?.includes(name),
    id('steer-row-0'),
    `${edit.layer}:${edit.feature}`,
  );
  await ran(engine);
  await engine.type(`${id('number')} input`, String(edit.weight), true);
  await until(
    engine,
    'the slider follows',
    (weight) => document.querySelector<HTMLInputElement>('[data-testid="slider"]')?.value === weight,
    String(edit.weight),
  );
  await ran(engine);
  expect(await textsOf(engine)).toEqual(texts);
  // What the table says of the steered text is what the library gives for the same edit.
  const own = await engine.evaluate(
    async (text, of, most) => {
      const lens = window.lenslet!;
      const kl: number[] = [];
      for await (const { rows } of lens.generate(text, {
        variants: [[], [lens.steer(of)]],
        temperature: 0,
        maxTokens: most,
      }))
        kl.push(rows[1]!.kl!);
      return kl.reduce((sum, one) => sum + one, 0) / kl.length;
    },
    prompt,
    edit,
    maxTokens,
  );
  expect(await textOf(engine, '.run-table .row-steered td')).toBe(fixed(own, 3));
}

async function verbalizes(
  engine: Engine,
  _host: StaticHost,
  { prompt, position, words, fve }: Expected,
): Promise<void> {
  await engine.click(`${id('words')} button[aria-controls]`);
  await engine.type('input[aria-label="Temperature of the words"]', '0', true);
  await engine.click(id('verbalize'));
  await until(engine, 'the words are done', () => document.querySelector('[data-testid="provenance"]') !== null);
  await settled(engine);
  expect(await textOf(engine, id('provenance'))).toContain('greedy');
  await engine.click(id('edit-words'));
  expect(
    await engine.evaluate(() => document.querySelector<HTMLTextAreaElement>('[data-testid="words-editor"]')?.value),
  ).toBe(words);
  const own = await engine.evaluate(
    async (text, said, at) => {
      const trace = await window.lenslet!.trace(text);
      const found = await window.lenslet!.score(said, trace, at);
      trace.dispose();
      return found.fve!;
    },
    prompt,
    words,
    position,
  );
  expect(own).toBeCloseTo(fve, 3);
  expect(await textOf(engine, id('score-own'))).toContain(score(own));
}

async function generates(engine: Engine, _host: StaticHost, { other }: Expected): Promise<void> {
  await engine.type(id('prompt'), other.prompt);
  await until(
    engine,
    'the run is of an earlier text',
    () => document.querySelector<HTMLElement>('[data-testid="run"]')?.dataset.stale === 'true',
  );
  await settled(engine);
  await engine.click(id('generate'));
  await ran(engine);
  expect(await textsOf(engine)).toEqual(other.texts);
}

/** A model that is too large for WebAssembly is refused before anything of it is fetched, with its bytes. */
async function refuses(engine: Engine): Promise<void> {
  await engine.click(id('open-models'));
  await engine.click(id('choose-Qwen/Qwen3-1.7B-Base'));
  await until(engine, 'the plan is there', () => document.querySelector('[data-testid="cannot"]') !== null);
  const can = await engine.evaluate(() => ({ store: typeof navigator.storage?.getDirectory === 'function' }));
  expect(await textOf(engine, id('finding-webgpu'))).toMatch(/^noteNo WebGPU in this browser/);
  expect(await textOf(engine, id('finding-memory'))).toMatch(/^noNeeds .* GB of memory in float32, and WebAssembly’s/);
  expect(await textOf(engine, id('finding-store'))).toMatch(
    can.store ? /^yesKept in the browser’s own file system/ : /^noThis browser keeps no large files for this page/,
  );
  expect(await textOf(engine, id('cannot'))).toMatch(/^Not here: .* lenslet-mini runs in any browser\.$/);
  await engine.click('dialog .region-head button');
}

/** What the policy in the page forbids it and a worker that is started as the engine's is; this host sends no
 *  header. */
async function staysAtHome(engine: Engine): Promise<void> {
  const elsewhere = await serve(DIST, { cors: true });
  try {
    const ways = await engine.evaluate(async (origin) => {
      const code = `fetch(${JSON.stringify(`${origin}/?worker`)}).then(() => postMessage('reached'), () => postMessage('refused'));`;
      const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' });
      const told = new Promise<string>((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
      });
      const page = await fetch(`${origin}/?page`).then(
        () => 'reached',
        () => 'refused',
      );
      return { page, worker: await told };
    }, elsewhere.origin);
    expect(ways).toEqual({ page: 'refused', worker: 'refused' });
    expect(elsewhere.sent).toEqual([]);
    expect((await fetch(`${elsewhere.origin}/`)).status).toBe(200);
  } finally {
    await elsewhere.close();
  }
}

async function reopens(engine: Engine, host: StaticHost, { other }: Expected): Promise<void> {
  await engine.click(id('chip-2'));
  await settled(engine);
  await engine.click(id('copy-link'));
  const copied = await until(engine, 'the link is copied, or it is said why not', () => {
    const says = document.querySelector('[data-testid="copy-link"]')?.textContent;
    return says !== 'Copy link' && says;
  });
  expect(['Copied', 'Copy from the address bar']).toContain(copied);
  await until(
    engine,
    'the page is kept for use without a network',
    () => document.documentElement.dataset.offline === 'ready',
  );
  expect(await textOf(engine, id('offline'))).toMatch(/^Works offline/);
  const before = await viewOf(engine);
  expect(before).toMatchObject({
    prompt: other.prompt,
    selected: ['chip-2'],
    texts: other.texts,
    errors: 0,
    faults: [],
  });
  const link = await engine.evaluate(() => location.href);
  await engine.goto('about:blank');
  await host.close();
  await engine.goto(link);
  await noteFaults(engine);
  await settled(engine);
  await ran(engine);
  expect(await viewOf(engine)).toEqual(before);
}

/** What a link must bring back. */
async function viewOf(engine: Engine) {
  const view = await engine.evaluate(() => ({
    prompt: document.querySelector<HTMLTextAreaElement>('[data-testid="prompt"]')!.value,
    site: document.querySelector<HTMLInputElement>('[data-testid="site"] input:checked')?.value,
    selected: [...document.querySelectorAll<HTMLElement>('[data-testid^="chip-"][aria-selected="true"]')].map(
      (chip) => chip.dataset.testid,
    ),
    rows: [...document.querySelectorAll('[data-testid^="steer-row-"]')].map((row) => row.textContent),
    features: [...document.querySelectorAll('[data-testid^="feature-row-"]')].map((row) => row.textContent),
    readout: document.querySelector('[data-testid="readout"]')?.textContent,
    errors: document.querySelectorAll('[data-testid="error"]').length,
    faults: window.faults,
  }));
  return { ...view, texts: await textsOf(engine) };
}
