import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withModules } from '../../in-browser.mjs';
import { inEngine } from './engine.mjs';
import { writeOpened } from './opened.mjs';

/** Runs a real model in Lenslet, text by text, beside a truth of training/real/truth.py. What was found at a text is a
 *  file of its own; a run that was cut goes on.
 *  @typedef {import('../../../bench/real/run.ts').Truth} Truth
 *  @typedef {import('../../../bench/real/run.ts').TextFigures} TextFigures
 *  @typedef {import('../../../bench/real/run.ts').GreedyText} GreedyText
 *  @typedef {import('../../../src/lens/index.ts').Provider} Provider
 *  @typedef {import('../../../src/lens/index.ts').WeightFormat} WeightFormat
 *  @typedef {{ provider: Provider, format: WeightFormat }} Case
 *  @typedef {{ ms: number, bytes: number, adapter: string, dtype: string, where: string }} Opened `bytes`: in Node of the
 *    process, in a browser of the weights.
 *  @typedef {{ opened: Opened, texts: Record<string, TextFigures>, greedy: Record<string, GreedyText> }} CaseFigures
 *  @typedef {{ opened: Opened, text: (name: string) => Promise<TextFigures>, greedy: (name: string) => Promise<GreedyText> }} Running */

/** Where the files of a run are.
 *  @param {string} run */
export const filesOf = (run) => ({
  truth: join(run, 'truth'),
  opened: join(run, 'opened'),
  cases: join(run, 'cases'),
});

/** What a run has of a case so far; null before it was opened.
 *  @param {string} run
 *  @param {Case} which
 *  @param {Truth} truth
 *  @returns {Partial<CaseFigures> & Pick<CaseFigures, 'texts' | 'greedy'>} */
export function readCase(run, { provider, format }, truth) {
  const folder = join(filesOf(run).cases, `${provider}-${format}`);
  const read = (/** @type {string} */ name) =>
    existsSync(join(folder, name)) ? JSON.parse(readFileSync(join(folder, name), 'utf8')) : undefined;
  const all = (/** @type {string} */ kind, /** @type {{ name: string }[]} */ texts) =>
    Object.fromEntries(
      texts.flatMap(({ name }) => {
        const found = read(`${kind}-${name}.json`);
        return found ? [[name, found]] : [];
      }),
    );
  const opened = read('opened.json');
  if (opened && opened.weights !== truth.sha256['model.safetensors'])
    throw new Error(`${folder} is of other weights than the truth. Remove it, or name another run.`);
  return { opened, texts: all('text', truth.texts), greedy: all('greedy', truth.greedy) };
}

/** Throws if a model folder does not hold the files that the truth was computed from.
 *  @param {string} model
 *  @param {Truth} truth */
async function checkWeights(model, truth) {
  for (const [name, wanted] of Object.entries(truth.sha256)) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(model, name)), hash);
    if (hash.digest('hex') !== wanted)
      throw new Error(`${join(model, name)} is not the file that the truth was computed from. Run real.truth again.`);
  }
}

/** Runs what is missing of a case; `only`: of the texts of these names.
 *  @param {{ model: string, run: string, only?: string[], say?: (line: string) => void }} options
 *  @param {Case} which */
export async function runCase({ model, run, only, say = () => {} }, which) {
  const files = filesOf(run);
  /** @type {Truth} */
  const truth = JSON.parse(readFileSync(join(files.truth, 'truth.json'), 'utf8'));
  const known = readCase(run, which, truth);
  const asked = (/** @type {{ name: string }} */ { name }) => only?.includes(name) ?? true;
  const left = {
    text: truth.texts.filter((text) => asked(text) && !known.texts[text.name]),
    greedy: truth.greedy.filter((text) => asked(text) && !known.greedy[text.name]),
  };
  if (left.text.length + left.greedy.length === 0) return;
  await checkWeights(model, truth);
  const sites = writeOpened(model, files.opened);
  const folder = join(files.cases, `${which.provider}-${which.format}`);
  mkdirSync(folder, { recursive: true });
  const write = (/** @type {string} */ name, /** @type {object} */ document) => {
    writeFileSync(join(folder, `${name}.part`), `${JSON.stringify(document)}\n`);
    renameSync(join(folder, `${name}.part`), join(folder, name));
  };
  // Other formats than float32 are kept in a browser's store.
  const within = which.provider === 'wasm' && which.format === 'f32' ? inNode : inChromium;
  await within({ ...which, ...files, sites, truth }, async (lens) => {
    write('opened.json', { ...lens.opened, weights: truth.sha256['model.safetensors'] });
    say(`${which.provider} ${which.format}: open after ${(lens.opened.ms / 1000).toFixed(0)} s`);
    for (const kind of /** @type {const} */ (['text', 'greedy']))
      for (const { name } of left[kind]) {
        write(`${kind}-${name}.json`, await lens[kind](name));
        say(`${which.provider} ${which.format}: ${kind} ${name}`);
      }
  });
}

/** @typedef {Case & ReturnType<typeof filesOf>} Asked
 *  @typedef {Omit<Asked, 'truth'> & { sites: number[], truth: Truth }} Task
 *  @typedef {(task: Task, work: (running: Running) => Promise<void>) => Promise<void>} Within */

const named = (/** @type {{ name: string }[]} */ texts, /** @type {string} */ name) =>
  /** @type {Truth['texts'][number]} */ (texts.find((text) => text.name === name));

/** @type {Within} */
const inNode = ({ format, sites, truth, opened, cases }, work) =>
  inEngine(async (real) => {
    const began = performance.now();
    const lens = await real.openDirectory(opened, { sites });
    const folder = real.fileFolder(join(cases, '../truth'));
    try {
      await work({
        opened: {
          ms: performance.now() - began,
          bytes: process.memoryUsage().rss,
          adapter: lens.info.adapter,
          dtype: lens.info.dtype,
          where: `Node ${process.version}`,
        },
        text: (name) => real.measureText(lens, folder, named(truth.texts, name), format),
        greedy: (name) => real.measureGreedy(lens, folder, truth, named(truth.greedy, name), format),
      });
    } finally {
      await lens.close();
    }
  });

/** @type {Within} */
function inChromium({ provider, format, sites, truth, opened, cases }, work) {
  const folders = { '/real-model': opened, '/real-truth': join(cases, '../truth') };
  return withModules(async (page, browser) => {
    const lens = await page.evaluateHandle(
      async (options) => {
        const { openLens } = await import('/bench/real/browser.ts');
        const began = performance.now();
        const lens = await openLens(new URL('/real-model/', location.href).href, options);
        return { lens, ms: performance.now() - began };
      },
      { provider, format, sites },
    );
    const { ms, info } = await lens.evaluate(({ lens, ms }) => ({ ms, info: lens.info }));
    await work({
      opened: {
        ms,
        bytes: info.memory.weights,
        adapter: info.adapter,
        dtype: info.dtype,
        where: `Chromium ${browser.version()}`,
      },
      text: (name) =>
        lens.evaluate(
          async ({ lens }, { text, format }) => {
            const { measureText, servedFolder } = await import('/bench/real/browser.ts');
            return measureText(lens, servedFolder('/real-truth'), text, format);
          },
          { text: named(truth.texts, name), format },
        ),
      greedy: (name) =>
        lens.evaluate(
          async ({ lens }, { truth, text, format }) => {
            const { measureGreedy, servedFolder } = await import('/bench/real/browser.ts');
            return measureGreedy(lens, servedFolder('/real-truth'), truth, text, format);
          },
          { truth, text: named(truth.greedy, name), format },
        ),
    });
  }, folders);
}
