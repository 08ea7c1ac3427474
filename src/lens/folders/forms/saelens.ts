import { SiteUnavailableError, UnsupportedModelError } from '../../api/errors';
import { JsonObject, parseJson, shown } from '../../formats/json';
import { SafetensorsParts } from '../../formats/safetensors-parts';
import type { Source, SourceFile, StreamOptions } from '../../sources/source';
import type { Architecture } from '../architectures/architecture';
import { batchtopk } from '../architectures/batchtopk';
import { gated } from '../architectures/gated';
import { jumprelu } from '../architectures/jumprelu';
import { relu } from '../architectures/relu';
import { topk } from '../architectures/topk';
import type { DictionaryPlan } from '../dictionary-plan';
import { slotsFor } from '../slots';
import { checkFits, type DictionaryEntry, type PlanOptions, refuseK } from './entry';
import type { FolderForm } from './form';
import { narrowed } from './narrow';
import { namedForStream, takenForStream } from './place';
import { parseSaelensConfig, type SaelensConfig } from './saelens-config';
import { readNumbers, readScalar } from './scalars';
import { chosenK } from './stated';
import { arrange, type Layout, type Stored } from './tensors';
import { noticesOf } from './trained';

const WEIGHTS = 'sae_weights.safetensors';
const MAX_SCALER = 10_000;

/** SAELens' architectures. A finished training saves the two of batches as `jumprelu`; its checkpoints do not. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  topk,
  standard: relu,
  jumprelu,
  gated,
  batchtopk,
  matryoshka_batchtopk: batchtopk,
};

const SHARED = { encoder: ['W_enc', 'columns'], decoder: ['W_dec', 'rows'], decoderBias: 'b_dec' } as const;
const LAYOUTS: Readonly<Record<string, Layout>> = {
  jumprelu: { ...SHARED, encoderBias: 'b_enc', threshold: 'threshold' },
  gated: { ...SHARED, encoderBias: 'b_mag', magnitude: 'r_mag', gateBias: 'b_gate' },
};
const PLAIN: Layout = { ...SHARED, encoderBias: 'b_enc' };
/** The threshold of a checkpoint, in float64. */
const LEARNT = 'topk_threshold';
/** Old files have it beside their weights, mostly full of ones. */
const FACTOR = 'scaling_factor';

/** `cfg.json` and `sae_weights.safetensors` in a folder, as SAELens saves a dictionary. */
export const saelens: FolderForm = {
  name: 'saelens',
  config: 'cfg.json',
  weights: WEIGHTS,
  claims: () => true,
  async read(source, folder, config) {
    const file = `${folder}cfg.json`;
    const known = parseSaelensConfig(new JsonObject(config, file), folder.slice(0, -1), Object.keys(ARCHITECTURES));
    const told = known.hooked || namedForStream(source, folder, file);
    return entryOf(folder, known, told ? [] : [takenForStream(known.layer)]);
  },
};

function aboutOf(folder: string, { trainedAs, l0, levels }: SaelensConfig): DictionaryEntry['about'] {
  return { library: 'SAELens', architecture: trainedAs, folder: folder.slice(0, -1), l0, levels };
}

function entryOf(folder: string, config: SaelensConfig, notices: string[]): DictionaryEntry {
  const { layer, d, width, k, architecture } = config;
  return {
    ...{ layer, d, width, k },
    form: 'saelens',
    activation: architecture === 'topk' ? 'topk' : 'threshold',
    about: aboutOf(folder, config),
    plan: async (source, options) => {
      const planned = await plan(source, folder, config, options);
      return { ...planned, notices: [...notices, ...planned.notices] };
    },
  };
}

/** W_enc [d, width], W_dec [width, d]. */
async function plan(
  from: Source,
  folder: string,
  config: SaelensConfig,
  { d, layers, name, k: asked, signal }: PlanOptions,
): Promise<DictionaryPlan> {
  const { layer, width, architecture } = config;
  checkFits(`${folder}cfg.json`, config, { d, layers });
  if (config.k === null) refuseK(`${folder}cfg.json`, asked);
  const k = config.k === null ? null : chosenK(from, config.k, asked, width);
  const path = `${folder}${WEIGHTS}`;
  const parts = await SafetensorsParts.open(from, path, { signal });
  const found = parts && (await from.stat(path, { signal }));
  if (!found)
    throw new SiteUnavailableError(`${from.name} has ${folder}cfg.json, and no ${path} beside it.`, { layer });
  const { file, stored, source, copy } = await narrowed(
    { file: found, stored: parts.places(), source: from },
    { signal },
  );
  const rule = ARCHITECTURES[architecture]!;
  const layout = LAYOUTS[architecture] ?? PLAIN;
  const beside = rule.scalar ? [LEARNT, FACTOR] : [FACTOR];
  const tensors = arrange(path, stored, { d, width }, layout, beside);
  await refuseFactors(source, file, stored, { signal });
  const inputScale = config.scaled ? await scalerOf(source, folder, { signal }) : 1;
  const learnt = rule.scalar ? await readScalar(source, file, stored, LEARNT, { signal }) : null;
  // It was learnt in the units of the scaled input, in which decoder rows are longer by that much.
  const threshold = learnt !== null && config.rescaled ? learnt / inputScale : learnt;
  const activation = rule.activation({ k, threshold, width, file: path });
  return {
    ...{ layer, d, width, activation, file, ...copy, tensors },
    about: aboutOf(folder, config),
    k: activation.kind === 'topk' ? activation.k : slotsFor(width, config.l0),
    fold: { inputScale, centred: config.centred, rescaled: config.rescaled },
    notices: noticesOf(config.training, layer, name),
    form: 'saelens',
  };
}

/** Throws UnsupportedModelError where latents are multiplied before decoding. */
async function refuseFactors(source: Source, file: SourceFile, stored: Stored, options: StreamOptions): Promise<void> {
  if (!stored.has(FACTOR)) return;
  const factors = await readNumbers(source, file, stored, FACTOR, options);
  if (factors.every((factor) => Math.abs(factor - 1) < 1e-5)) return;
  throw new UnsupportedModelError(
    `${file.path} multiplies its latents by a "${FACTOR}" of their own before decoding, from a finetuning that Lenslet does not read. Use the dictionary from before it.`,
    { file: file.path, tensor: FACTOR },
  );
}

/** The constant that a checkpoint's training multiplied its input by. Throws UnsupportedModelError without its file. */
async function scalerOf(source: Source, folder: string, options: StreamOptions): Promise<number> {
  const file = `${folder}activation_scaler.json`;
  const bytes = await source.tryRead(file, { ...options, most: MAX_SCALER });
  if (!bytes)
    throw new UnsupportedModelError(
      `${folder}cfg.json: "normalize_activations" is "expected_average_only_in". The number that the input was multiplied by is not in it, but in an activation_scaler.json that a checkpoint has beside it, and this folder has none. Save the finished dictionary with SAELens, which puts the number into the weights.`,
      { file: `${folder}cfg.json`, key: 'normalize_activations' },
    );
  const scaler = new JsonObject(parseJson(bytes, file), file);
  if (scaler.get('has_whitening') === true)
    throw new UnsupportedModelError(
      `${file}: "has_whitening" is ${shown(true)}. Lenslet does not read whitening. Save the finished dictionary with SAELens, which puts it into the weights.`,
      { file, key: 'has_whitening' },
    );
  return scaler.number('scaling_factor', 1e-12, 1e12);
}
