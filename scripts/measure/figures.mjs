import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkNode, prepare, root } from '../prepare.mjs';

/** The README's measured figures. `node scripts/measure/figures.mjs` writes docs/figures.json into the README's block;
 *  with `--measure` it first runs the golden texts on both providers, in the Chromium of this machine, and writes
 *  docs/figures.json. */

const BEGIN = '<!-- figures:begin -->';
const END = '<!-- figures:end -->';

const power = (x) =>
  x.toExponential(1).replace(/e([+-])(\d+)/, (_, sign, digits) => `e${sign === '-' ? '−' : ''}${digits}`);

/** The block's text, between its marks. */
export function render({ browser, limits, providers }) {
  const row = (name, of) => `| ${name} | ${providers.map(of).join(' | ')} |`;
  return [
    `| largest over ${providers[0].runs} runs, every position | ${providers.map(({ name, adapter }) => (adapter ? `${name}, ${adapter}` : name)).join(' | ')} |`,
    `|---|${providers.map(() => '---').join('|')}|`,
    row(`difference of the residual stream, of its norm (limit ${power(limits.residual)})`, ({ residual }) =>
      power(residual),
    ),
    row(`difference of a logit (limit ${power(limits.logit)})`, ({ logit }) => power(logit)),
    row(`difference of FVU (limit ${power(limits.fvu)})`, ({ fvu }) => power(fvu)),
    row('top-k ids that differ and are no ties', ({ mismatches }) => mismatches),
    '',
    `Measured in ${browser}.`,
  ].join('\n');
}

/** A README with the block filled. Throws where it has no such block. */
export function fill(readme, figures) {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md has no block between ${BEGIN} and ${END}.`);
  return `${readme.slice(0, begin + BEGIN.length)}\n${render(figures)}\n${readme.slice(end)}`;
}

/** The worst of a provider's runs. */
function worst(cases) {
  const max = (of) => Math.max(...cases.map(of));
  return {
    runs: cases.length,
    residual: max((c) => c.residual),
    logit: max((c) => c.logit),
    fvu: max((c) => c.fvu),
    mismatches: max((c) => c.mismatches),
  };
}

async function measure() {
  const [{ createServer }, { chromium }, { findChromium }] = await Promise.all([
    import('vite'),
    import('playwright'),
    import('../install/chromium.mjs'),
  ]);
  const server = await createServer({ root, logLevel: 'warn', server: { host: '127.0.0.1', port: 4391, hmr: false } });
  await server.listen();
  const software = process.env.LENSLET_GPU === '1' ? [] : ['--use-webgpu-adapter=swiftshader'];
  const { path } = await findChromium();
  const browser = await chromium.launch({
    executablePath: path,
    args: ['--no-sandbox', '--enable-unsafe-webgpu', ...software],
  });
  try {
    const page = await browser.newPage();
    // Any page of the same origin: the library is imported into it without the application.
    await page.goto(`${server.resolvedUrls.local[0]}models/lenslet-mini/config.json`);
    const providers = [];
    for (const provider of ['wasm', 'webgpu']) {
      const result = await page.evaluate(async (name) => {
        const { openLens } = await import('/src/lens/index.ts');
        const lens = await openLens('/models/lenslet-mini/', { provider: name });
        const cases = await lens.parity();
        const { adapter } = lens.info;
        await lens.close();
        return { adapter, cases };
      }, provider);
      providers.push({
        name: provider === 'wasm' ? 'WebAssembly' : 'WebGPU',
        adapter: provider === 'wasm' ? null : result.adapter,
        ...worst(result.cases),
      });
      console.log(providers.at(-1));
    }
    const limits = await page.evaluate(async () => (await import('/src/lens/engine/golden.ts')).LIMITS);
    return { browser: `Chromium ${browser.version()}`, limits, providers };
  } finally {
    await browser.close();
    await server.close();
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  checkNode();
  prepare();
  const file = join(root, 'docs/figures.json');
  if (process.argv.includes('--measure')) writeFileSync(file, `${JSON.stringify(await measure(), null, 2)}\n`);
  const readme = join(root, 'README.md');
  writeFileSync(readme, fill(readFileSync(readme, 'utf8'), JSON.parse(readFileSync(file, 'utf8'))));
  console.log('README.md filled from docs/figures.json.');
}
