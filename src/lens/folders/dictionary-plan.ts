import {
  CorruptFileError,
  InvalidOptionError,
  ShapeMismatchError,
  SiteUnavailableError,
  UnsupportedModelError,
} from '../api/errors';
import type { DictionaryAbout } from '../api/site';
import { SafetensorsParts } from '../formats/safetensors-parts';
import { readTorchFile, type TorchTensor } from '../formats/torch-file';
import type { Source, SourceFile } from '../sources/source';
import { SAELENS_WEIGHTS, type SaelensFolder, saelensFolders, statedK } from './dictionary-list';

/** Where a matrix or vector of a dictionary lies in its file. */
export interface DictionaryTensor {
  dtype: 'F32' | 'F16' | 'BF16';
  /** Shape as stored, row-major: a matrix is [width, d], or [d, width] if `transposed`. */
  shape: number[];
  begin: number;
  end: number;
  transposed: boolean;
}

/** How a dictionary's own numbers become p = h W + b, z = act(p), h^ = z W_dec + b_dec (folders/fold.ts). In this
 *  order: the input is scaled, b_dec subtracted, and latents measured in units of their decoder row. */
export interface Fold {
  /** h is multiplied by it before the encoder, and h^ divided by it; 1 of most. */
  inputScale: number;
  /** The encoder reads h - b_dec. */
  centred: boolean;
  /** p is multiplied by its decoder row's norm, and the row divided by it. */
  rescaled: boolean;
}

export type Activation =
  | { kind: 'topk'; k: number }
  /** `all`: the threshold of every feature, where the file has no tensor of them. Below 0 it is 0. */
  | { kind: 'threshold'; all: number };

/** Describes one layer's dictionary in a source, without its weights. All sizes were checked against the model; the
 *  conversion checks that the numbers are finite. */
export interface DictionaryPlan {
  layer: number;
  d: number;
  width: number;
  /** Codes to keep a token: k, or room for the largest ones. */
  k: number;
  activation: Activation;
  fold: Fold;
  about: DictionaryAbout;
  /** What its reader should know: it was trained on another model, behind a first token, … Whole sentences. */
  notices: string[];
  form: 'qwen-scope' | 'saelens';
  file: SourceFile;
  /** Tensors share no bytes. Of a gated dictionary, `encoderBias` is that of the magnitudes: W = W_enc e^magnitude,
   *  b = encoderBias, threshold = encoderBias - e^magnitude gateBias. */
  tensors: {
    encoder: DictionaryTensor;
    decoder: DictionaryTensor;
    encoderBias: DictionaryTensor;
    decoderBias: DictionaryTensor;
    threshold?: DictionaryTensor;
    magnitude?: DictionaryTensor;
    gateBias?: DictionaryTensor;
  };
}

/** The fold of a dictionary that has the common form already. */
export const NO_FOLD: Fold = { inputScale: 1, centred: false, rescaled: false };

interface DictionaryOptions {
  /** The model that it must fit. */
  d: number;
  layers: number;
  /** For sources that state k neither in their name (`…-L0_50`) nor in a cfg.json. */
  k?: number;
  signal?: AbortSignal;
}

const MAX_WIDTH = 1 << 22;
const NAMES = ['W_enc', 'W_dec', 'b_enc', 'b_dec'] as const;
type Found = Record<(typeof NAMES)[number], TorchTensor>;

/** Plans the dictionary of a layer: Qwen-Scope's `layer{n}.sae.pt`, or a SAELens folder. Throws SiteUnavailableError if
 *  the source has none for the layer, ShapeMismatchError if it belongs to another model, InvalidOptionError if k is
 *  unknown, UnsupportedModelError for other conventions and types. */
export async function readDictionaryFile(
  source: Source,
  layer: number,
  options: DictionaryOptions,
): Promise<DictionaryPlan> {
  const { layers, signal } = options;
  if (!Number.isInteger(layer) || layer < 0 || layer >= layers)
    throw new ShapeMismatchError(
      `A dictionary of layer ${layer} was asked for, and the model has layers 0 to ${layers - 1}.`,
      { layer },
    );
  const path = `layer${layer}.sae.pt`;
  const plan = (await source.stat(path, { signal }))
    ? await torchPlan(source, layer, path, options)
    : await planSaelens(source, onlyOne(source, layer, await saelensFolders(source, { signal })), options);
  refuseSharedBytes(plan);
  return plan;
}

/** Plans W_enc (width, d) and W_dec (d, width), as Qwen-Scope's cards state them. Either may be stored as a transposed
 *  view. */
async function torchPlan(
  source: Source,
  layer: number,
  path: string,
  { d, k, signal }: DictionaryOptions,
): Promise<DictionaryPlan> {
  const { file, tensors } = await readTorchFile(source, path, { signal });
  // These files have no configuration: a fifth tensor could be a threshold or a scale, which changes the computation.
  for (const name of tensors.keys()) {
    if (!NAMES.some((known) => known === name)) {
      throw new UnsupportedModelError(
        `${path} holds a tensor ${JSON.stringify(name.slice(0, 80))}. Lenslet opens dictionaries of ${NAMES.join(', ')}.`,
        {
          file: path,
          tensor: name.slice(0, 80),
        },
      );
    }
  }
  const found = fourOf((name) => need(tensors, name, path));
  const [width = 0, wide] = found.W_enc.shape;
  if (found.W_enc.shape.length !== 2 || wide !== d || width < 1 || width > MAX_WIDTH)
    throw mismatch(path, 'W_enc', found.W_enc.shape, `[width, ${d}]`, `the model is ${d} wide`);
  expectShape(path, found, { W_dec: [d, width], b_enc: [width], b_dec: [d] });
  return {
    layer,
    d,
    width,
    ...topk(kOf(source, k, width)),
    about: { library: 'Qwen-Scope', architecture: 'topk', folder: '', l0: null, levels: null },
    notices: [],
    form: 'qwen-scope',
    file,
    tensors: {
      encoder: matrix(path, 'W_enc', found.W_enc, found.W_enc.byColumns),
      decoder: matrix(path, 'W_dec', found.W_dec, !found.W_dec.byColumns),
      encoderBias: matrix(path, 'b_enc', found.b_enc, false),
      decoderBias: matrix(path, 'b_dec', found.b_dec, false),
    },
  };
}

/** Plans the dictionary of a SAELens folder: W_enc [d, width], W_dec [width, d]. Throws what `readDictionaryFile`
 *  throws, and CorruptFileError if the folder's name states another layer than its cfg.json. */
export async function planSaelens(
  source: Source,
  { path: folder, config }: SaelensFolder,
  { d, layers, signal, ...asked }: DictionaryOptions,
): Promise<DictionaryPlan> {
  const { layer, width, k } = config;
  const named = /(?:^|\/)blocks\.(\d+)\.hook_resid_post\/$/.exec(folder);
  if (named && Number(named[1]) !== layer)
    throw new CorruptFileError(
      `${folder}cfg.json is of layer ${layer}, but its folder is named for layer ${named[1]}.`,
      { file: `${folder}cfg.json`, layer },
    );
  if (config.d !== d || layer >= layers)
    throw new ShapeMismatchError(
      `${folder}cfg.json is of layer ${layer} of a model ${config.d} wide; this model has ${layers} layers and is ${d} wide. Use a dictionary of this model.`,
      { path: folder, d: config.d, layer },
    );
  if (asked.k !== undefined && asked.k !== k)
    throw new InvalidOptionError(`k ${asked.k} was asked for, and ${folder}cfg.json says ${k}. Leave k out.`, {
      k: asked.k,
    });
  const path = `${folder}${SAELENS_WEIGHTS}`;
  const parts = await SafetensorsParts.open(source, path, { signal });
  const file = parts && (await source.stat(path, { signal }));
  if (!file)
    throw new SiteUnavailableError(`${source.name} has ${folder}cfg.json, and no ${path} beside it.`, { layer });
  const stored = parts.places();
  const found = fourOf((name) => ({ ...need(stored, name, path), byColumns: false }));
  expectShape(path, found, { W_enc: [d, width], W_dec: [width, d], b_enc: [width], b_dec: [d] });
  return {
    layer,
    d,
    width,
    ...topk(k),
    about: { library: 'SAELens', architecture: 'topk', folder: folder.replace(/\/$/, ''), l0: null, levels: null },
    notices: [],
    form: 'saelens',
    file,
    tensors: {
      encoder: matrix(path, 'W_enc', found.W_enc, true),
      decoder: matrix(path, 'W_dec', found.W_dec, false),
      encoderBias: matrix(path, 'b_enc', found.b_enc, false),
      decoderBias: matrix(path, 'b_dec', found.b_dec, false),
    },
  };
}

const topk = (k: number) => ({ k, activation: { kind: 'topk', k } as const, fold: NO_FOLD });

function onlyOne(source: Source, layer: number, folders: SaelensFolder[]): SaelensFolder {
  const [first, second] = folders.filter(({ config }) => config.layer === layer);
  if (!first) {
    throw new SiteUnavailableError(
      `${source.name} has no dictionary of layer ${layer}: neither layer${layer}.sae.pt nor a SAELens folder of that layer.`,
      {
        layer,
      },
    );
  }
  if (second) {
    throw new UnsupportedModelError(
      `${source.name} has two dictionaries of layer ${layer}, in ${shown(first)} and ${shown(second)}. Choose the folder of one of them.`,
      { layer },
    );
  }
  return first;
}

function shown({ path }: SaelensFolder): string {
  return path === '' ? 'its own folder' : path.slice(0, -1);
}

/** k from the source's name or from the caller. Throws InvalidOptionError if they differ or neither states k. */
function kOf(source: Source, asked: number | undefined, width: number): number {
  const stated = statedK(source);
  if (asked !== undefined && stated !== null && asked !== stated)
    throw new InvalidOptionError(
      `k ${asked} was asked for, and the name of ${source.name} says ${stated}. Leave k out.`,
      { k: asked },
    );
  const k = asked ?? stated;
  if (k === null)
    throw new InvalidOptionError(
      `Say k: the name of ${source.name} does not end with it, as …-L0_50 does. A folder may be renamed so.`,
      { k: null },
    );
  if (!Number.isInteger(k) || k < 1 || k > width)
    throw new InvalidOptionError(`k must be a whole number from 1 to ${width}, but is ${k}.`, { k });
  return k;
}

function fourOf(find: (name: string) => TorchTensor): Found {
  return { W_enc: find('W_enc'), W_dec: find('W_dec'), b_enc: find('b_enc'), b_dec: find('b_dec') };
}

function need<T>(tensors: ReadonlyMap<string, T>, name: string, file: string): T {
  const tensor = tensors.get(name);
  if (!tensor)
    throw new CorruptFileError(`${file} has no tensor ${name}, which a dictionary needs.`, { file, tensor: name });
  return tensor;
}

function expectShape(file: string, found: Found, shapes: Partial<Record<keyof Found, number[]>>): void {
  for (const [name, expected] of Object.entries(shapes)) {
    const { shape } = found[name as keyof Found];
    if (shape.length !== expected.length || shape.some((n, i) => n !== expected[i]))
      throw mismatch(file, name, shape, `[${expected.join(', ')}]`, 'model and dictionary ask for that');
  }
}

function mismatch(file: string, tensor: string, shape: number[], expected: string, why: string): ShapeMismatchError {
  return new ShapeMismatchError(
    `${tensor} in ${file} has shape [${shape.join(', ')}], not ${expected}: ${why}. Use a dictionary of this model.`,
    {
      tensor,
      shape,
    },
  );
}

function matrix(
  file: string,
  name: string,
  { dtype, shape, begin, end, byColumns }: TorchTensor,
  transposed: boolean,
): DictionaryTensor {
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16')
    throw new UnsupportedModelError(
      `${name} in ${file} is stored as ${dtype}. Lenslet reads F32, F16 and BF16 weights.`,
      { tensor: name, dtype },
    );
  return { dtype, shape: byColumns ? [...shape].reverse() : shape, begin, end, transposed };
}

/** Refuses a torch file whose tensors are views of one storage: the conversion reads the file once, from first to last
 *  byte, and uses each byte for one tensor. */
function refuseSharedBytes({ file, tensors }: DictionaryPlan): void {
  const places = Object.values(tensors).sort((a, b) => a.begin - b.begin);
  for (let i = 1; i < places.length; i++) {
    if (places[i]!.begin < places[i - 1]!.end) {
      throw new UnsupportedModelError(
        `${file.path} has two tensors that share their numbers (tied weights). Save it with .clone() of each.`,
        {
          file: file.path,
        },
      );
    }
  }
}
