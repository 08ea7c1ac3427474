import { CorruptFileError } from '../../api/errors';
import type { JsonObject } from '../../formats/json';
import { REFUSED } from '../architectures/refused';
import { Complaints } from './complaints';
import { hookOfFolder, parseHook } from './hook';
import { l0Of, levelsIn, MAX_WIDTH } from './tensors';
import type { Training } from './trained';

/** A `cfg.json` of SAELens, of any version since 3. */
export interface SaelensConfig {
  layer: number;
  /** Whether a hook's name says what it reads; else only a number of a layer does. */
  hooked: boolean;
  d: number;
  width: number;
  /** A key of SAELENS (saelens.ts). */
  architecture: string;
  /** Null of architectures without k. */
  k: number | null;
  centred: boolean;
  rescaled: boolean;
  /** The input was multiplied by a constant in training that is not in the weights. */
  scaled: boolean;
  /** As the training called the architecture, and what it says of it. */
  trainedAs: string;
  l0: number | null;
  levels: number[] | null;
  training: Training;
}

/** What SAELens takes an absent key for. Before version 6 all keys stood at the top level, under older names. */
const OLDER: Readonly<Record<string, string>> = {
  hook_name: 'hook_point',
  hook_layer: 'hook_point_layer',
  hook_head_index: 'hook_point_head_index',
  activation_fn: 'activation_fn_str',
};

/** Of others SAELens passes the key over. */
const RESCALING: ReadonlySet<string> = new Set(['topk', 'batchtopk', 'matryoshka_batchtopk']);

const PER_TOKEN = 'each token is scaled by its own numbers, which no dictionary of fixed weights can do';

/** Reads a configuration. `folder` is where it lies: its name may say the hook. Throws UnsupportedModelError, with all
 *  keys that ask for another computation; CorruptFileError for missing keys, and if the file contradicts itself. */
export function parseSaelensConfig(config: JsonObject, folder: string, known: readonly string[]): SaelensConfig {
  const { file } = config;
  const complaints = new Complaints(file);
  const metadata = config.object('metadata');
  const from = (key: string) => config.get(key) ?? (OLDER[key] ? config.get(OLDER[key]) : undefined);
  const architecture = architectureOf(config, complaints, known);
  const normalised = from('normalize_activations');
  const scaled = normalised === 'expected_average_only_in' || normalised === true;
  if (normalised === 'covariance_whitening')
    complaints.add('normalize_activations', normalised, 'the whitening is not in its weights before the training ends');
  else if (!scaled && normalised !== undefined && normalised !== 'none' && normalised !== false)
    complaints.add('normalize_activations', normalised, PER_TOKEN);
  const reshaped = from('reshape_activations');
  if (reshaped !== undefined && reshaped !== 'none')
    complaints.add('reshape_activations', reshaped, 'it reads the heads of an attention');
  const head = from('hook_head_index') ?? metadata?.get('hook_head_index');
  if (head !== undefined) complaints.add('hook_head_index', head, 'it reads one head of an attention');
  const hooked = namesHook([config, metadata]) || hookOfFolder(folder) !== null;
  const layer = layerOf(config, metadata, folder, complaints);
  complaints.check();
  if (layer === null)
    throw new CorruptFileError(
      `${file} does not say which layer it reads: "hook_name" is missing. Name its folder for it, as blocks.12.hook_resid_post is.`,
      { file, key: 'hook_name' },
    );
  const width = config.integer('d_sae', 1, MAX_WIDTH);
  const details = metadata?.object('training_architecture_details');
  return {
    layer,
    hooked,
    d: config.integer('d_in', 1, 1 << 16),
    width,
    architecture,
    k: architecture === 'topk' ? kOf(config, width) : null,
    centred: config.boolean('apply_b_dec_to_input', true),
    rescaled: RESCALING.has(architecture) && config.boolean('rescale_acts_by_decoder_norm', false),
    scaled,
    trainedAs: textOf(metadata?.get('training_architecture')) ?? architecture,
    l0: l0Of(metadata?.get('l0')),
    levels: levelsIn(details?.get('matryoshka_widths') ?? config.get('matryoshka_widths'), width),
    training: {
      model: textOf(metadata?.get('model_name') ?? config.get('model_name')),
      firstToken: flagOf(metadata?.get('prepend_bos') ?? config.get('prepend_bos')),
    },
  };
}

/** Before version 6, `standard` with a top-k activation is what is now called `topk`; before 3 there was no key. */
function architectureOf(config: JsonObject, complaints: Complaints, known: readonly string[]): string {
  const activation = config.get('activation_fn') ?? config.get(OLDER.activation_fn!);
  const stated = config.get('architecture') ?? (activation === undefined ? undefined : 'standard');
  if (stated === undefined) return config.refuse('architecture', 'must say what kind of dictionary it is');
  if (typeof stated !== 'string' || !known.includes(stated)) {
    const why = typeof stated === 'string' && Object.hasOwn(REFUSED, stated) ? REFUSED[stated]! : null;
    complaints.add('architecture', stated, why ?? `Lenslet reads ${known.join(', ')}`);
    return '';
  }
  if (activation === 'topk' && stated === 'standard') return 'topk';
  if (activation !== undefined && activation !== 'relu' && !(activation === 'topk' && stated === 'topk'))
    complaints.add('activation_fn', activation, 'Lenslet reads relu and topk');
  return stated;
}

function kOf(config: JsonObject, width: number): number {
  const older = config.object('activation_fn_kwargs');
  const part = config.get('k') === undefined && older?.get('k') !== undefined ? older : config;
  return part.integer('k', 1, width);
}

const HOOK_NAMES = ['hook_name', 'hook_point'];

const namesHook = (parts: readonly (JsonObject | null)[]): boolean =>
  parts.some((part) => HOOK_NAMES.some((key) => part?.get(key) !== undefined));

/** The block whose output it reads, from names and numbers at the top level and in `metadata`, else from the folder's
 *  name; all that are there must agree. Null if nothing says it, and after a complaint. */
function layerOf(
  config: JsonObject,
  metadata: JsonObject | null,
  folder: string,
  complaints: Complaints,
): number | null {
  const hooks: { layer: number; number: number }[] = [];
  const numbers: number[] = [];
  let refused = false;
  for (const part of [config, metadata]) {
    if (!part) continue;
    for (const key of HOOK_NAMES) {
      const name = part.get(key);
      if (name === undefined) continue;
      const hook = typeof name === 'string' ? parseHook(name) : { refused: 'it must be a name' };
      if (!('refused' in hook)) hooks.push(hook);
      else {
        complaints.add(key, name, hook.refused);
        refused = true;
      }
    }
    for (const key of ['hook_layer', 'hook_point_layer'])
      if (part.get(key) !== undefined) numbers.push(part.integer(key, 0, 9999));
  }
  if (refused) return null;
  const named = hookOfFolder(folder);
  const layers = new Set(hooks.map(({ layer }) => layer));
  // A number counts blocks as the hook does that stands beside it, or that the folder is named for.
  const shift = hooks[0] ?? named;
  for (const number of numbers) layers.add(shift ? number + shift.layer - shift.number : number);
  if (layers.size === 0 && named) return named.layer;
  const [layer, other] = [...layers];
  if (layer === undefined) return null;
  if (other !== undefined)
    throw new CorruptFileError(
      `${config.file} contradicts itself: its hook names are of layers ${layer} and ${other}.`,
      { file: config.file },
    );
  if (named && named.layer !== layer)
    throw new CorruptFileError(
      `${config.file} is of layer ${layer}, but its folder is named for layer ${named.layer}.`,
      {
        file: config.file,
        layer,
      },
    );
  return layer;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : null;
}

function flagOf(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}
