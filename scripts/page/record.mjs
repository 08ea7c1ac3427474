import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode, prepare, root } from '../prepare.mjs';

/** Writes src/app/recording.json and recorded-link.ts: what the page shows until the model is open, and the fragment
 *  that says so. The first measured effect of lenslet-mini, run on wasm in the Chromium of this machine. Run it when a
 *  file of the model changes; a test fails when the two part. */

checkNode();
prepare();
const [{ createServer }, { chromium }, { findChromium }] = await Promise.all([
  import('vite'),
  import('playwright'),
  import('../install/chromium.mjs'),
]);
const server = await createServer({ root, logLevel: 'warn', server: { host: '127.0.0.1', port: 4393, hmr: false } });
await server.listen();
const { path } = await findChromium();
const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  // Any page of the same origin: the library is imported into it without the application.
  await page.goto(`${server.resolvedUrls.local[0]}models/lenslet-mini/config.json`);
  const [text, link] = await page.evaluate(async () => {
    const [{ openLens }, { record }, { toTypedJson }, { recordingLink }] = await Promise.all([
      import('/src/lens/index.ts'),
      import('/src/state/page/recording.ts'),
      import('/src/state/base/typed-json.ts'),
      import('/src/app/opening.ts'),
    ]);
    const lens = await openLens('/models/lenslet-mini/', { provider: 'wasm' });
    const recording = await record(lens, lens.info.effects[0]);
    return [toTypedJson(recording), recordingLink(recording)];
  });
  const file = join(root, 'src/app/recording.json');
  writeFileSync(file, `${text}\n`);
  const head =
    '/** The fragment that the page has while it shows its recording and nothing else was touched. Written by `scripts/page/record.mjs`. */';
  writeFileSync(join(root, 'src/app/recorded-link.ts'), `${head}\nexport const RECORDED_LINK =\n  '${link}';\n`);
  console.log(`${file}: ${(readFileSync(file).length / 1e3).toFixed(0)} kB`);
} finally {
  await browser.close();
  await server.close();
}
process.exit(0);
