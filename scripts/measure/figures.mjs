import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillBlock, power, table } from '../docs/markdown.mjs';
import { withModules } from '../in-browser.mjs';
import { checkNode, isMain, prepare, root } from '../prepare.mjs';

/** The README's measured figures. `node scripts/measure/figures.mjs` writes docs/figures.json into the README's block;
 *  with `--measure` it first runs the golden texts on both providers, in the Chromium of this machine, and writes
 *  docs/figures.json.
 *  @typedef {typeof import('../../docs/figures.json')} Figures
 *  @typedef {Figures['providers'][number]} Provider */

/** The block's text, between its marks. */
export function render(/** @type {Figures} */ { browser, limits, providers }) {
  /** @type {(name: string, of: (provider: Provider) => string | number) => (string | number)[]} */
  const row = (name, of) => [name, ...providers.map(of)];
  const head = providers.map(({ name, adapter }) => (adapter ? `${name}, ${adapter}` : name));
  const rows = [
    row(`difference of the residual stream, of its norm (limit ${power(limits.residual)})`, (p) => power(p.residual)),
    row(`difference of a logit (limit ${power(limits.logit)})`, ({ logit }) => power(logit)),
    row(`difference of FVU (limit ${power(limits.fvu)})`, ({ fvu }) => power(fvu)),
    row('top-k ids that differ and are no ties', ({ mismatches }) => mismatches),
  ];
  return `${table([`largest over ${providers[0].runs} runs, every position`, ...head], rows)}\n\nMeasured in ${browser}.`;
}

/** A README with the block filled. Throws where it has no such block. */
export const fill = (/** @type {string} */ readme, /** @type {Figures} */ figures) =>
  fillBlock(readme, 'figures', render(figures));

/** The worst of a provider's runs. */
function worst(/** @type {import('../../src/lens/index.ts').ParityCase[]} */ cases) {
  const max = (/** @type {(one: typeof cases[number]) => number} */ of) => Math.max(...cases.map(of));
  return {
    runs: cases.length,
    residual: max((c) => c.residual),
    logit: max((c) => c.logit),
    fvu: max((c) => c.fvu),
    mismatches: max((c) => c.mismatches),
  };
}

const NAMES = /** @type {const} */ ({ wasm: 'WebAssembly', webgpu: 'WebGPU' });

const measure = () =>
  withModules(async (page, browser) => {
    const providers = [];
    for (const provider of /** @type {const} */ (['wasm', 'webgpu'])) {
      const { adapter, cases } = await page.evaluate(async (name) => {
        const { openLens } = await import('/src/lens/index.ts');
        const lens = await openLens('/models/lenslet-mini/', { provider: name });
        const cases = await lens.parity();
        const { adapter } = lens.info;
        await lens.close();
        return { adapter, cases };
      }, provider);
      providers.push({ name: NAMES[provider], adapter: provider === 'wasm' ? null : adapter, ...worst(cases) });
      console.log(providers.at(-1));
    }
    const limits = await page.evaluate(async () => (await import('/src/lens/engine/golden.ts')).LIMITS);
    return { browser: `Chromium ${browser.version()}`, limits, providers };
  });

if (isMain(import.meta.url)) {
  checkNode();
  prepare();
  const file = join(root, 'docs/figures.json');
  if (process.argv.includes('--measure')) writeFileSync(file, `${JSON.stringify(await measure(), null, 2)}\n`);
  const readme = join(root, 'README.md');
  writeFileSync(readme, fill(readFileSync(readme, 'utf8'), JSON.parse(readFileSync(file, 'utf8'))));
  console.log('README.md filled from docs/figures.json.');
}
