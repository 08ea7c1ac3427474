import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { digest } from '../card/card.mjs';
import { table } from '../docs/markdown.mjs';
import { withModules } from '../in-browser.mjs';
import { checkNode, isMain, prepare, root } from '../prepare.mjs';

/** What the formats of large models' weights cost, measured on lenslet-mini, whose weights are real. `node
 *  scripts/measure/quantisation.mjs --run RUN` measures on held-out texts of the run that trained it and writes
 *  docs/quantisation.json; without `--run` it writes docs/quantisation.md again, which it does either way.
 *  @typedef {typeof import('../../docs/quantisation.json')} Figures
 *  @typedef {import('../../bench/quantisation.ts').TextLoss} TextLoss
 *  @typedef {{ domain: string, share: number }} Share Of a text's domain in the training mix. */

const FORMATS = /** @type {import('../../src/lens/index.ts').WeightFormat[]} */ (['f32', 'f16', 'q8', 'q4']);
const WINDOWS = 2; // of a domain
const model = join(root, 'public/models/lenslet-mini');

/** What the figures belong to. */
export function subjects() {
  const sites = /** @type {string[]} */ (JSON.parse(readFileSync(join(model, 'sae/index.json'), 'utf8')));
  const names = ['model.safetensors', ...sites.map((site) => `sae/${site}/sae_weights.safetensors`)];
  return Object.fromEntries(names.map((name) => [name, digest(join(model, name))]));
}

/** Windows of a domain's ids that do not overlap, spread evenly, as training/data/batches.py cuts them for the card.
 *  @param {Uint16Array} ids
 *  @param {number} length
 *  @param {number} most */
export function windows(ids, length, most) {
  const count = Math.min(most, Math.floor(ids.length / length));
  return Array.from({ length: count }, (_, i) => {
    const start = count === 1 ? 0 : Math.floor((i * (ids.length - length)) / (count - 1));
    return [...ids.subarray(start, start + length)];
  });
}

/** The losses of texts, in the order of `texts`, as figures: domains weigh as in the training mix, FVU is a ratio of
 *  sums. */
export function summarise(/** @type {TextLoss[]} */ losses, /** @type {Share[]} */ texts) {
  const shares = /** @type {Record<string, number>} */ ({});
  for (const { domain, share } of texts) shares[domain] = share;
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  const weighed = (/** @type {(loss: TextLoss) => number} */ of) =>
    Object.entries(shares).reduce((sum, [domain, share]) => {
      const own = losses.filter((_, i) => texts[i].domain === domain);
      return sum + ((share / total) * own.reduce((part, loss) => part + of(loss), 0)) / own.length;
    }, 0);
  const sites = losses[0].sites.map(({ layer }, s) => ({
    layer,
    jaccard: weighed(({ sites }) => sites[s].jaccard),
    residual: weighed(({ sites }) => sites[s].residual),
    fvu: weighed(({ sites }) => sites[s].error) / weighed(({ sites }) => sites[s].variance),
  }));
  return { crossEntropy: weighed(({ crossEntropy }) => crossEntropy), sites };
}

const fixed = (/** @type {number} */ x, /** @type {number} */ digits) => x.toFixed(digits).replace('-', '−');
const signed = (/** @type {number} */ x, /** @type {number} */ digits) => `${x >= 0 ? '+' : ''}${fixed(x, digits)}`;

/** docs/quantisation.md. */
export function render(/** @type {Figures} */ { tokens, texts, domains, formats }) {
  const [reference] = formats;
  const layers = reference.sites.map(({ layer }) => layer);
  const losses = formats.map((format) => [
    format.name,
    fixed(format.crossEntropy, 4),
    format === reference ? '' : signed(format.crossEntropy - reference.crossEntropy, 4),
  ]);
  const columns = layers.flatMap((at) => [`Jaccard, layer ${at}`, `residual, layer ${at}`, `FVU, layer ${at}`]);
  const sites = formats.map((format) => [
    format.name,
    ...format.sites.flatMap(({ jaccard, residual, fvu }) => [
      ...(format === reference ? ['', ''] : [fixed(jaccard, 3), fixed(residual, 4)]),
      fixed(fvu, 4),
    ]),
  ]);
  return [
    '# What the weights’ formats cost',
    '',
    'Measured on lenslet-mini by `node scripts/measure/quantisation.mjs`, each format against the same model in float32. Matrices are rounded as the format keeps them and computed',
    'with in float32, on WebAssembly: q8 and q4 in symmetric blocks of 32 numbers (`src/lens/formats/quantise.ts`; with q4 the embedding, which is also the unembedding, is',
    'q8), and **f16 is the weights’ rounding alone**: activations in half floats, which some GPUs also use with it, were not measured. The graph that runs on quantised bytes',
    'agrees with PyTorch on the same rounded weights (`src/lens/engine/planted.gpu.test.ts`), so what is lost is lost here.',
    '',
    '**lenslet-mini’s weights are stored as float16, so f16 loses nothing here by its making.** A bfloat16 checkpoint, as Qwen’s are, has numbers below 6e−5 that f16 keeps with',
    'fewer digits; the others it keeps exactly.',
    '',
    `Texts: ${texts} windows of ${tokens / texts} tokens, ${tokens.toLocaleString('en-US')} in all, of the test split of ${domains.length} domains, weighed as the training mix weighs them.`,
    '',
    '## Cross-entropy',
    '',
    table(['weights', 'nats a token', 'more than f32'], losses),
    '',
    '## At the sites',
    '',
    'Over all positions but the first. Jaccard: of the sets of active features at a position, shared by all, mean. Residual: |change| of the residual stream, of its norm, mean.',
    'FVU: of the dictionary that was trained on float32 residuals.',
    '',
    table(['weights', ...columns], sites),
    '',
    'lenslet-mini is small: a matrix of 256 columns has eight blocks a row, and no outlier channels stand in them. What a large model loses is not known from these figures; they',
    'say that 8 bits are near to free where 4 bits are not.',
    '',
  ].join('\n');
}

function readTexts(/** @type {string} */ run) {
  /** @type {import('../card/card.mjs').Card} */
  const { loss } = JSON.parse(readFileSync(join(model, 'card.json'), 'utf8'));
  const { max_position_embeddings: length } = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8'));
  return Object.entries(loss.domains).flatMap(([domain, { share }]) => {
    const bytes = readFileSync(join(run, 'ids/test', `${domain}.bin`));
    const ids = new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    return windows(ids, length, WINDOWS).map((text) => ({ domain, share, ids: text }));
  });
}

const measure = (/** @type {(Share & { ids: number[] })[]} */ texts) =>
  withModules(async (page) => {
    page.on('console', (message) => message.text().startsWith('quantisation: ') && console.log(message.text()));
    const ids = texts.map((text) => text.ids);
    const losses = await page.evaluate(
      async ({ ids, formats }) => {
        const { measureFormats } = await import('/bench/quantisation.ts');
        return measureFormats('/models/lenslet-mini/', ids, formats, (line) => console.log(`quantisation: ${line}`));
      },
      { ids, formats: FORMATS },
    );
    const formats = FORMATS.map((name, i) => ({ name, ...summarise(losses[i], texts) }));
    const tokens = ids.reduce((sum, { length }) => sum + length, 0);
    return {
      sha256: subjects(),
      tokens,
      texts: texts.length,
      domains: [...new Set(texts.map(({ domain }) => domain))],
      formats,
    };
  });

if (isMain(import.meta.url)) {
  const { values } = parseArgs({ options: { run: { type: 'string' } } });
  const file = join(root, 'docs/quantisation.json');
  if (values.run) {
    checkNode();
    prepare();
    writeFileSync(file, `${JSON.stringify(await measure(readTexts(resolve(values.run))), null, 2)}\n`);
  }
  writeFileSync(join(root, 'docs/quantisation.md'), render(JSON.parse(readFileSync(file, 'utf8'))));
  process.exit(0);
}
