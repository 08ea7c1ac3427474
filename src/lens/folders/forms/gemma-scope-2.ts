import { CorruptFileError, MissingFileError } from '../../api/errors';
import { JsonObject, parseJson } from '../../formats/json';
import { SafetensorsParts } from '../../formats/safetensors-parts';
import type { Source } from '../../sources/source';
import { jumprelu } from '../architectures/jumprelu';
import { type DictionaryPlan, NO_FOLD } from '../dictionary-plan';
import { slotsFor } from '../slots';
import { Complaints } from './complaints';
import { checkFits, type DictionaryEntry, type PlanOptions, refuseK } from './entry';
import { type FolderForm, MAX_CONFIG } from './form';
import { parseHook } from './hook';
import { narrowed } from './narrow';
import { namedForStream, takenForStream } from './place';
import { nameOf } from './stated';
import { arrange, type Layout, l0Of, widthOf } from './tensors';
import { noticesOf } from './trained';

const WEIGHTS = 'params.safetensors';
const LAYOUT: Layout = {
  encoder: ['w_enc', 'columns'],
  decoder: ['w_dec', 'rows'],
  encoderBias: 'b_enc',
  decoderBias: 'b_dec',
  threshold: 'threshold',
};

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
    const told = namedForStream(source, folder, `${folder}${WEIGHTS}`);
    const layer = /(?:^|\/)layer_(\d{1,4})(?:_[\w.-]*)?\/$/.exec(path)?.[1];
    if (layer === undefined)
      throw new CorruptFileError(
        `${folder}${WEIGHTS} lies in no folder that names its layer, as resid_post/layer_12_width_16k_l0_medium does.`,
        { folder },
      );
    return entryOf(folder, { layer: Number(layer), told });
  },
};

function aboutOf(folder: string, l0: number | null): DictionaryEntry['about'] {
  return { library: 'Gemma Scope 2', architecture: 'jump_relu', folder: folder.slice(0, -1), l0, levels: null };
}

/** `told`: a name says that it reads the stream. */
type Read = { layer: number; told: boolean };

function entryOf(folder: string, read: Read): DictionaryEntry {
  const { layer } = read;
  return {
    ...{ layer, about: aboutOf(folder, null), d: null, width: null, k: null },
    form: 'gemma-scope-2',
    activation: 'threshold',
    plan: (source, options) => plan(source, folder, read, options),
  };
}

async function plan(from: Source, folder: string, read: Read, options: PlanOptions): Promise<DictionaryPlan> {
  const { layer } = read;
  const { d, signal } = options;
  const path = `${folder}${WEIGHTS}`;
  checkFits(path, { layer, d }, options);
  refuseK(path, options.k);
  const parts = await SafetensorsParts.open(from, path, { signal });
  const found = parts && (await from.stat(path, { signal }));
  if (!found) throw new MissingFileError(`${from.name} has no file ${path}.`, { path });
  const { file, stored, copy } = await narrowed({ file: found, stored: parts.places(), source: from }, { signal });
  const { l0, model, hooked } = await configOf(from, folder, layer, options);
  const width = widthOf(path, stored, LAYOUT.encoder, d);
  return {
    ...{ layer, d, width, file, ...copy },
    about: aboutOf(folder, l0),
    tensors: arrange(path, stored, { d, width }, LAYOUT),
    activation: jumprelu.activation({ k: null, threshold: null, width, file: path }),
    k: slotsFor(width, l0),
    fold: NO_FOLD,
    notices: [
      ...(read.told || hooked ? [] : [takenForStream(layer)]),
      ...noticesOf({ model, firstToken: null }, layer, options.name),
    ],
    form: 'gemma-scope-2',
  };
}

/** Checks `config.json`, which some folders lack; `hooked`: it says that it reads the stream. */
async function configOf(
  source: Source,
  folder: string,
  layer: number,
  { signal }: PlanOptions,
): Promise<{ l0: number | null; model: string | null; hooked: boolean }> {
  const file = `${folder}config.json`;
  const bytes = await source.tryRead(file, { signal, most: MAX_CONFIG });
  if (!bytes) return { l0: null, model: null, hooked: false };
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
    l0: l0Of(l0),
    hooked: hook !== null,
    model: typeof model === 'string' && model !== '' ? model : null,
  };
}
