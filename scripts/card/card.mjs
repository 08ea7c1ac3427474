import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isMain, root } from '../prepare.mjs';
import { renderCard } from './render.mjs';

/** The model card. `node scripts/card/card.mjs --run RUN` gathers what the training measured into card.json of the
 *  model's folder and writes README.md there from it; without `--run` it writes README.md again. `--effects RUN` gathers
 *  the effects alone.
 *  @typedef {typeof import('../../public/models/lenslet-mini/card.json')} Card
 *  @typedef {Card['effects'][number]} CardEffect */

const json = (/** @type {string} */ path) => JSON.parse(readFileSync(path, 'utf8'));
const median = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Every file below `folder`, by its path there.
 *  @returns {{ path: string, bytes: number }[]} */
export function filesOf(/** @type {string} */ folder, below = '') {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below ? `${below}/${entry.name}` : entry.name;
    return entry.isDirectory() ? filesOf(folder, path) : [{ path, bytes: statSync(join(folder, path)).size }];
  });
}

export function digest(/** @type {string} */ path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** The weights that the card's figures belong to. */
export function digestsOf(/** @type {string} */ folder) {
  const names = filesOf(folder)
    .map(({ path }) => path)
    .filter((path) => /(model|sae_weights|features|value_head)\.safetensors$/.test(path) || path === 'tokenizer.json');
  return Object.fromEntries(names.sort().map((name) => [name, digest(join(folder, name))]));
}

/** Tensors of a safetensors file by name, F32 and U32 ones, and its metadata. */
export function columns(/** @type {string} */ path) {
  const bytes = readFileSync(path);
  const size = Number(bytes.readBigUInt64LE());
  const { __metadata__: metadata, ...header } = JSON.parse(bytes.subarray(8, 8 + size).toString());
  const read = (/** @type {string} */ name) => {
    const { dtype, data_offsets: offsets } = header[name];
    const part = bytes.subarray(8 + size + offsets[0], 8 + size + offsets[1]);
    const aligned = part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength);
    return dtype === 'F32' ? new Float32Array(aligned) : new Uint32Array(aligned);
  };
  return { metadata, read, bytes: bytes.length };
}

/** What a site's features.safetensors holds, in figures. */
export function featureFigures(/** @type {string} */ path) {
  const { metadata, read, bytes } = columns(path);
  const maximum = read('maximum');
  const begin = read('label.begin');
  const live = [...maximum.keys()].filter((id) => maximum[id] > 0);
  const labelled = live.filter((id) => begin[id + 1] > begin[id]);
  const [precision, recall] = [read('label.precision'), read('label.recall')];
  return {
    layer: Number(metadata.layer),
    live: live.length,
    labelled: labelled.length,
    precision: median(labelled.map((id) => precision[id])),
    recall: median(labelled.map((id) => recall[id])),
    density: median(live.map((id) => read('density.held_out')[id])),
    snippets: read('snippet.begin').length - 1,
    tokens: JSON.parse(metadata.tokens),
    rule: metadata['label.rule'],
    bytes,
  };
}

/** @param {Record<string, { layer: number, width: number, k: number }>} entries */
const table = (entries) => Object.values(entries).sort((a, b) => a.layer - b.layer || a.width - b.width || a.k - b.k);

/** @typedef {{ layer: number, feature: number }} Place
 *  @typedef {{ perplexity: number | null }} Arm
 *  @typedef {{ edits: Place[], rates: object, separates: boolean, crossEntropy: object, bestSingleDrawBeaten: boolean,
 *    arms: Record<string, Arm | Arm[]>, controlFeatures: { randomFeatures: Place[][] } }} Tested
 *  @param {Record<string, { test: Tested, earlier: Tested[] }>} effects
 *  @param {{ effects: CardEffect[] }} shown
 *  @param {CardEffect[]} before What the card says of effects that the run did not measure again.
 *  @returns {CardEffect[]} */
function effectFigures(effects, shown, before) {
  return shown.effects.map(({ name, title, shipped, range, edits, prompt, claim }) => {
    if (!effects[name]) return /** @type {CardEffect} */ (before.find((effect) => effect.name === name));
    const { test, earlier } = effects[name];
    const { rates, separates, bestSingleDrawBeaten, arms, crossEntropy } = test;
    const perplexity = (/** @type {Arm | Arm[]} */ arm) =>
      Array.isArray(arm) ? median(arm.map((draw) => draw.perplexity ?? 0)) : arm.perplexity;
    const perplexities = Object.fromEntries(Object.entries(arms).map(([arm, found]) => [arm, perplexity(found)]));
    const edited = (/** @type {Place} */ { layer, feature }) =>
      test.edits.some((edit) => edit.layer === layer && edit.feature === feature);
    const figures = {
      name,
      title,
      shipped,
      range,
      edits,
      prompt,
      claim,
      rates,
      separates,
      bestSingleDrawBeaten,
      perplexity: perplexities,
      crossEntropy,
      wasControl: earlier.some(({ controlFeatures }) => controlFeatures.randomFeatures.flat().some(edited)),
      earlier: earlier.map((found) => ({ edits: found.edits, rates: found.rates, separates: found.separates })),
    };
    return /** @type {CardEffect} */ (/** @type {unknown} */ (figures));
  });
}

export function gather(
  /** @type {string} */ run,
  /** @type {string} */ folder,
  /** @type {CardEffect[]} */ before = [],
) {
  const curve = readFileSync(join(run, 'train.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const last = curve.at(-1);
  const effects = json(join(run, 'effects/effects.json'));
  const independent = json(join(run, 'figures/independent.json'));
  const sites = /** @type {string[]} */ (json(join(folder, 'sae/index.json')));
  const { prompts: _, ...independentFigures } = independent;
  return {
    format: 'lenslet-card-1',
    sha256: digestsOf(folder),
    config: json(join(folder, 'config.json')),
    markers: json(join(folder, 'tokenizer.json')).added_tokens.length,
    training: {
      tokens: last.tokens,
      steps: last.step,
      minutes: Math.round(last.seconds / 60),
      curve: curve.filter((point) => point.dev).map(({ tokens, dev }) => ({ tokens, dev: dev.mix })),
    },
    ...json(join(run, 'figures/model.json')),
    dictionaries: {
      table: table(json(join(run, 'dictionaries/table.json')).dictionaries),
      sites: table(json(join(run, 'dictionaries/figures.json')).dictionaries),
    },
    features: sites.map((site) => featureFigures(join(folder, 'sae', site, 'features.safetensors'))),
    effects: effectFigures(effects, json(join(folder, 'effects.json')), before),
    verseDetector: effects.detector,
    independent: independentFigures,
    nla: nlaFigures(run, folder),
  };
}

/** Points of the reinforcement's curve that the card shows: those with a held-out figure. */
function nlaFigures(/** @type {string} */ run, /** @type {string} */ folder) {
  const lines = (/** @type {string} */ name) =>
    readFileSync(join(run, 'nla', name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const [before, after] = ['before', 'after'].map((stage) => json(join(run, `figures/nla-${stage}.json`)));
  const { site, variance, positions, settings } = after;
  const bytes = filesOf(join(folder, 'nla')).reduce((sum, file) => sum + file.bytes, 0);
  const warm = Object.fromEntries(
    ['av', 'ar'].map((role) => [role, { steps: lines(`warm-${role}.jsonl`).at(-1).step }]),
  );
  return {
    site,
    variance,
    positions,
    before: before.found,
    after: after.found,
    pair: { ...settings, bytes },
    warm,
    curve: lines('reinforced.jsonl').filter((point) => point.fve !== undefined),
  };
}

/** A card with the effects of a run in place of its own. */
function withEffects(/** @type {Card} */ card, /** @type {string} */ run, /** @type {string} */ folder) {
  const effects = json(join(run, 'effects/effects.json'));
  const shown = json(join(folder, 'effects.json'));
  return { ...card, effects: effectFigures(effects, shown, card.effects), verseDetector: effects.detector };
}

if (isMain(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      run: { type: 'string' },
      effects: { type: 'string' },
      model: { type: 'string', default: join(root, 'public/models/lenslet-mini') },
    },
  });
  const folder = resolve(values.model);
  const file = join(folder, 'card.json');
  const write = (/** @type {Card} */ card) => writeFileSync(file, `${JSON.stringify(card, null, 1)}\n`);
  const { effects = [] } = existsSync(file) ? json(file) : {};
  if (values.run) write(gather(resolve(values.run), folder, effects));
  if (!existsSync(file)) throw new Error(`${file} is missing: name the run that it is gathered from with --run.`);
  if (values.effects) write(withEffects(json(file), resolve(values.effects), folder));
  writeFileSync(join(folder, 'README.md'), renderCard(json(file)));
}
