import { CorruptFileError, MissingFileError } from '../../api/errors';
import { JsonObject, parseJson } from '../../formats/json';
import { SafetensorsParts } from '../../formats/safetensors-parts';
import type { Source } from '../../sources/source';
import { jumprelu } from '../architectures/jumprelu';
import { REFUSED } from '../architectures/refused';
import { type DictionaryPlan, NO_FOLD } from '../dictionary-plan';
import { slotsFor } from '../slots';
import { Complaints } from './complaints';
import { checkFits, type DictionaryEntry, type PlanOptions, refuseK } from './entry';
import type { FolderForm } from './form';
import { parseHook } from './hook';
import { nameOf } from './stated';
import { arrange, type Layout, widthOf } from './tensors';
import { noticesOf } from './trained';

const WEIGHTS = 'params.safetensors';
const MAX_CONFIG = 100_000;
const LAYOUT: Layout = {
  encoder: ['w_enc', 'columns'],
  decoder: ['w_dec', 'rows'],
  encoderBias: 'b_enc',
  decoderBias: 'b_dec',
  threshold: 'threshold',
};

/** Sites by their folders' names, and why all but the stream behind a block are not read. */
const SITES: readonly (readonly [RegExp, string | null])[] = [
  [/(?:^|\/)(?:transcoder|clt)/, REFUSED.transcoder!],
  [/(?:^|\/)attn_out/, 'it reads the output of an attention, and Lenslet reads the stream behind a block'],
  [/(?:^|\/)mlp_out/, 'it reads the output of an MLP, and Lenslet reads the stream behind a block'],
  [/(?:^|\/)resid_post/, null],
];

/** Gemma Scope 2: `resid_post/layer_12_width_16k_l0_medium/{config.json,params.safetensors}`. The folder says site and
 *  layer, so that a repository of hundreds is listed without a file of it being read; the configuration is read and
 *  checked when one is opened. */
export const gemmaScope2: FolderForm = {
  name: 'gemma-scope-2',
  config: null,
  weights: WEIGHTS,
  claims: () => true,
  async read(source, folder) {
    const path = `${nameOf(source.origin)}/${folder}`;
    const complaints = new Complaints(`${folder}${WEIGHTS}`);
    const site = SITES.find(([name]) => name.test(path));
    if (site?.[1]) complaints.add('folder', folder, site[1]);
    complaints.check();
    const layer = /(?:^|\/)layer_(\d{1,4})(?:_[\w.-]*)?\/$/.exec(path)?.[1];
    if (layer === undefined)
      throw new CorruptFileError(
        `${folder}${WEIGHTS} lies in no folder that names its layer, as resid_post/layer_12_width_16k_l0_medium does.`,
        { folder },
      );
    return entryOf(folder, Number(layer));
  },
};

function aboutOf(folder: string, l0: number | null): DictionaryEntry['about'] {
  return { library: 'Gemma Scope 2', architecture: 'jump_relu', folder: folder.slice(0, -1), l0, levels: null };
}

function entryOf(folder: string, layer: number): DictionaryEntry {
  return {
    ...{ layer, about: aboutOf(folder, null), d: null, width: null, k: null },
    form: 'gemma-scope-2',
    activation: 'threshold',
    plan: (source, options) => plan(source, folder, layer, options),
  };
}

async function plan(source: Source, folder: string, layer: number, options: PlanOptions): Promise<DictionaryPlan> {
  const { d, signal } = options;
  const path = `${folder}${WEIGHTS}`;
  checkFits(path, { layer, d }, options);
  refuseK(path, options.k);
  const parts = await SafetensorsParts.open(source, path, { signal });
  const file = parts && (await source.stat(path, { signal }));
  if (!file) throw new MissingFileError(`${source.name} has no file ${path}.`, { path });
  const stored = parts.places();
  const { l0, model } = await configOf(source, folder, layer, options);
  const width = widthOf(path, stored, LAYOUT.encoder, d);
  return {
    ...{ layer, d, width, file },
    about: aboutOf(folder, l0),
    tensors: arrange(path, stored, { d, width }, LAYOUT),
    activation: jumprelu.activation({ k: null, threshold: null, width, file: path }),
    k: slotsFor(width, l0),
    fold: NO_FOLD,
    notices: noticesOf({ model, firstToken: null }, layer, options.name),
    form: 'gemma-scope-2',
  };
}

/** Checks `config.json`, which some folders lack. */
async function configOf(
  source: Source,
  folder: string,
  layer: number,
  { signal }: PlanOptions,
): Promise<{ l0: number | null; model: string | null }> {
  const file = `${folder}config.json`;
  const bytes = await source.tryRead(file, { signal, most: MAX_CONFIG });
  if (!bytes) return { l0: null, model: null };
  const config = new JsonObject(parseJson(bytes, file), file);
  const complaints = new Complaints(file);
  const architecture = config.get('architecture') ?? 'jump_relu';
  if (architecture !== 'jump_relu') complaints.add('architecture', architecture, 'Lenslet reads jump_relu');
  const point = config.get('hf_hook_point_in');
  const hook = typeof point === 'string' ? parseHook(point) : null;
  if (hook && 'refused' in hook) complaints.add('hf_hook_point_in', point, hook.refused);
  if (config.get('affine_connection') === true)
    complaints.add('affine_connection', true, 'its output adds a matrix of its input, which has no features');
  complaints.check();
  if (hook && 'layer' in hook && hook.layer !== layer)
    throw new CorruptFileError(`${file} is of layer ${hook.layer}, but its folder is named for layer ${layer}.`, {
      file,
      layer: hook.layer,
    });
  const [l0, model] = [config.get('l0'), config.get('model_name')];
  return {
    l0: typeof l0 === 'number' && l0 >= 0 && l0 < 1e6 ? l0 : null,
    model: typeof model === 'string' && model !== '' ? model : null,
  };
}
