import { CorruptFileError, SiteUnavailableError, UnsupportedModelError } from '../../api/errors';
import { JsonObject } from '../../formats/json';
import { SafetensorsParts } from '../../formats/safetensors-parts';
import type { Source } from '../../sources/source';
import { REFUSED } from '../architectures/refused';
import { topk } from '../architectures/topk';
import type { DictionaryPlan } from '../dictionary-plan';
import { Complaints } from './complaints';
import { checkFits, type DictionaryEntry, type PlanOptions } from './entry';
import type { FolderForm } from './form';
import { parseHook } from './hook';
import { narrowed } from './narrow';
import { chosenK, lastName } from './stated';
import { arrange, type Layout, MAX_WIDTH } from './tensors';

const WEIGHTS = 'sae.safetensors';
const LAYOUT: Layout = {
  encoder: ['encoder.weight', 'rows'],
  decoder: ['W_dec', 'rows'],
  encoderBias: 'encoder.bias',
  decoderBias: 'b_dec',
};

/** EleutherAI's sparsify: `layers.12/{cfg.json,sae.safetensors}`, the layer in the folder's name alone. Always the k
 *  largest of relu(W (h - b_dec) + b). */
export const sparsify: FolderForm = {
  name: 'sparsify',
  config: 'cfg.json',
  weights: WEIGHTS,
  claims: (config) =>
    config.get('architecture') === undefined &&
    (config.get('num_latents') !== undefined || config.get('expansion_factor') !== undefined),
  async read(source, folder, json) {
    const file = `${folder}cfg.json`;
    const config = new JsonObject(json, file);
    const complaints = new Complaints(file);
    const activation = config.get('activation') ?? 'topk';
    if (activation !== 'topk')
      complaints.add('activation', activation, activation === 'groupmax' ? REFUSED.groupmax! : 'Lenslet reads topk');
    if (config.boolean('transcode', false)) complaints.add('transcode', true, REFUSED.transcoder!);
    if (config.boolean('skip_connection', false))
      complaints.add('skip_connection', true, 'its output adds a matrix of its input, which has no features');
    if (config.boolean('signed', false)) complaints.add('signed', true, 'its latents may be negative');
    complaints.check();
    const d = config.integer('d_in', 1, 1 << 16);
    const factor = config.get('expansion_factor') === undefined ? 32 : config.integer('expansion_factor', 1, MAX_WIDTH);
    const latents = config.get('num_latents') === undefined ? 0 : config.integer('num_latents', 0, MAX_WIDTH);
    const width = latents || d * factor;
    if (width > MAX_WIDTH)
      throw new CorruptFileError(`${file}: ${width} latents are more than ${MAX_WIDTH}.`, { file });
    return entryOf(folder, { layer: layerOf(source, folder), d, width, k: config.integer('k', 1, width) });
  },
};

/** The folder is named for the module that it reads. */
function layerOf(source: Source, folder: string): number {
  const name = lastName(source, folder);
  const hook = parseHook(name);
  if (!('refused' in hook)) return hook.layer;
  throw new UnsupportedModelError(
    `${folder}cfg.json is of a dictionary of sparsify, whose folder's name says what it reads. It is named ${name}, and ${hook.refused}. Such a folder is named layers.12.`,
    { file: `${folder}cfg.json`, folder: name },
  );
}

type Read = { layer: number; d: number; width: number; k: number };

function entryOf(folder: string, read: Read): DictionaryEntry {
  return {
    ...read,
    form: 'sparsify',
    activation: 'topk',
    about: { library: 'sparsify', architecture: 'topk', folder: folder.slice(0, -1), l0: null, levels: null },
    plan: (source, options) => plan(source, folder, read, options),
  };
}

async function plan(from: Source, folder: string, read: Read, options: PlanOptions): Promise<DictionaryPlan> {
  const { layer, d, width } = read;
  const { signal } = options;
  checkFits(`${folder}cfg.json`, read, options);
  const k = chosenK(from, read.k, options.k, width);
  const path = `${folder}${WEIGHTS}`;
  const parts = await SafetensorsParts.open(from, path, { signal });
  const found = parts && (await from.stat(path, { signal }));
  if (!found)
    throw new SiteUnavailableError(`${from.name} has ${folder}cfg.json, and no ${path} beside it.`, { layer });
  const { file, stored, copy } = await narrowed({ file: found, stored: parts.places(), source: from }, { signal });
  return {
    ...{ layer, d, width, k, file, ...copy },
    tensors: arrange(path, stored, read, LAYOUT),
    activation: topk.activation({ k, threshold: null, width, file: path }),
    fold: { inputScale: 1, centred: true, rescaled: false },
    about: entryOf(folder, read).about,
    notices: [],
    form: 'sparsify',
  };
}
