import { CorruptFileError, ShapeMismatchError } from '../api/errors';
import { asUint16 } from '../formats/halves';
import { parseJson, shown } from '../formats/json';
import { parseSafetensors, type Weights, weightsOf } from '../formats/safetensors';
import { sha256 } from '../formats/sha256';
import { transpose } from '../formats/transpose';
import type { Folder } from '../sources/folder';
import type { DictionaryWeights } from './dictionary-weights';
import { parseSaeConfig } from './sae-config';
import { type FeatureStats, parseFeatureStats } from './sae-stats';

/** A top-k SAE as its folder holds it. */
export interface SaeFiles {
  /** Of its folder, from the model's. */
  path: string;
  layer: number;
  d: number;
  width: number;
  k: number;
  weights: DictionaryWeights;
  stats: FeatureStats | null;
  /** Where `weights.center` comes from. */
  center: 'mean' | 'b_dec';
  /** As SiteInfo.sha256. */
  sha256: string | null;
}

interface SaeOptions {
  signal?: AbortSignal;
  onBytes?: (loaded: number, total: number) => void;
  /** The model that it must fit; ShapeMismatchError where it does not. */
  model?: { d: number; layers: number };
}

/** Opens a SAELens folder, `cfg.json` and `sae_weights.safetensors`, in Qwen-Scope's convention: z = topk(relu(h W_enc
 *  + b_enc)), h^ = z W_dec + b_dec. Another convention throws UnsupportedModelError with the key that says so. */
export async function openSae(
  folder: Folder,
  path: string,
  { signal, onBytes, model }: SaeOptions = {},
): Promise<SaeFiles> {
  const base = path.replace(/\/$/, '');
  const configFile = `${base}/cfg.json`;
  const { layer, d, width, k } = parseSaeConfig(
    parseJson(await folder.read(configFile, { signal }), configFile),
    configFile,
  );
  const named = /(?:^|\/)blocks\.(\d+)\.hook_resid_post$/.exec(base);
  if (named && Number(named[1]) !== layer)
    throw new CorruptFileError(`${configFile} is of layer ${layer}, but its folder is named for layer ${named[1]}.`, {
      file: configFile,
      layer,
    });
  if (model && (model.d !== d || layer >= model.layers)) {
    throw new ShapeMismatchError(
      `The SAE in ${base} reads layer ${layer} of a model ${d} wide; this model has ${model.layers} layers and is ${model.d} wide. Use an SAE of this model.`,
      { path: base, d, layer },
    );
  }
  const file = `${base}/sae_weights.safetensors`;
  const bytes = await folder.read(file, { signal, onBytes });
  const hashing = sha256(bytes);
  const stored = weightsOf(parseSafetensors(bytes, file), file);
  const statsFile = `${base}/feature_stats.json`;
  const statsBytes = await folder.tryRead(statsFile, { signal });
  const stats = statsBytes ? parseFeatureStats(parseJson(statsBytes, statsFile), statsFile, d, width) : null;
  const decoderBias = stored.float32('b_dec', [d]);
  const weights: DictionaryWeights = {
    d,
    width,
    k,
    ...matrices(stored, d, width),
    encoderBias: stored.float32('b_enc', [width]),
    decoderBias,
    center: stats?.mean ?? decoderBias,
  };
  return {
    path: base,
    layer,
    d,
    width,
    k,
    weights,
    stats,
    center: stats?.mean ? 'mean' : 'b_dec',
    sha256: await hashing,
  };
}

/** Folders of the SAEs of a model folder, as its `sae/index.json` names them (an HTTP folder cannot be listed); none
 *  without that file. */
export async function findSaes(folder: Folder, options: { signal?: AbortSignal } = {}): Promise<string[]> {
  const file = 'sae/index.json';
  const bytes = await folder.tryRead(file, options);
  return bytes ? parseSaeIndex(parseJson(bytes, file), file) : [];
}

/** Checks a list of folder names that stand beside the index; returns their paths from the model folder. */
function parseSaeIndex(json: unknown, file: string): string[] {
  if (!Array.isArray(json)) throw new CorruptFileError(`${file} must hold a list of folder names.`, { file });
  const names = new Set<string>();
  for (const name of json as unknown[]) {
    if (typeof name !== 'string' || !/^[\w-][\w.-]{0,199}$/.test(name))
      throw new CorruptFileError(`${file} must name folders beside it, but holds ${shown(name)}.`, { file });
    if (names.has(name)) throw new CorruptFileError(`${file} names ${name} twice.`, { file });
    names.add(name);
  }
  return [...names].map((name) => `sae/${name}`);
}

/** Both matrices as [width, d]. Half floats stay as stored; anything else becomes float32. */
function matrices(stored: Weights, d: number, width: number): Pick<DictionaryWeights, 'dtype' | 'encoder' | 'decoder'> {
  if (
    stored.has('W_enc') &&
    stored.has('W_dec') &&
    stored.dtype('W_enc') === 'F16' &&
    stored.dtype('W_dec') === 'F16'
  ) {
    stored.expectShape('W_enc', [d, width]);
    stored.expectShape('W_dec', [width, d]);
    const encoder = transpose(asUint16(stored.raw('W_enc')), d, width, new Uint16Array(d * width));
    return { dtype: 'float16', encoder, decoder: asUint16(stored.raw('W_dec')).slice() };
  }
  const encoder = transpose(stored.float32('W_enc', [d, width]), d, width, new Float32Array(d * width));
  return { dtype: 'float32', encoder, decoder: stored.float32('W_dec', [width, d]) };
}
