import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { withModules } from '../in-browser.mjs';
import { checkNode, prepare, root } from '../prepare.mjs';

/** Writes src/app/recording.json and recorded-link.ts: what the page shows until the model is open, and the fragment
 *  that says so. The first measured effect of lenslet-mini and its locked token in words, run on wasm in the Chromium of
 *  this machine. Run it when a
 *  file of the model changes; a test fails when the two part. */

checkNode();
prepare();
const [text, link] = await withModules((page) =>
  page.evaluate(async () => {
    const [{ openLens }, { record }, { toTypedJson }, { recordingLink }] = await Promise.all([
      import('/src/lens/index.ts'),
      import('/src/state/page/recording.ts'),
      import('/src/state/base/typed-json.ts'),
      import('/src/app/opening.ts'),
    ]);
    const lens = await openLens('/models/lenslet-mini/', { provider: 'wasm' });
    const recording = await record(lens, lens.info.effects[0]);
    return [toTypedJson(recording), recordingLink(recording)];
  }),
);
const file = join(root, 'src/app/recording.json');
writeFileSync(file, `${text}\n`);
const head = `/** The fragment that the page has while it shows its recording and nothing else was touched. Written by
 *  \`scripts/page/record.mjs\`. */`;
writeFileSync(join(root, 'src/app/recorded-link.ts'), `${head}\nexport const RECORDED_LINK =\n  '${link}';\n`);
const kB = (/** @type {number} */ bytes) => `${(bytes / 1e3).toFixed(1)} kB`;
const packed = (/** @type {string} */ json) => kB(gzipSync(json).length);
const { verbal } = JSON.parse(text);
console.log(
  `${file}: ${kB(readFileSync(file).length)}, ${packed(text)} gzipped, of it ${packed(JSON.stringify(verbal))} of words:`,
);
console.log(verbal.record.samples[0].text);
process.exit(0);
