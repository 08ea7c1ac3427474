import type { Effect } from '../api/effect';
import {
  AbortedError,
  CorruptFileError,
  LensError,
  ShapeMismatchError,
  SiteUnavailableError,
  throwIfAborted,
  UnsupportedModelError,
} from '../api/errors';
import type { Origin } from '../api/model';
import type { OpenOptions, Progress } from '../api/open';
import { Site } from '../dictionary/site';
import { type Gpu, openGpu } from '../engine/device';
import { Model } from '../engine/model';
import { parameters, probe, WASM_PARAMETERS } from '../engine/probe';
import { loadRuntime, type Runtime } from '../engine/runtime';
import type { Tokenizer } from '../engine/tokenizer';
import { openTokenizer } from '../engine/tokenizer-files';
import { openConfig, type QwenConfig } from '../folders/config';
import { openEffects } from '../folders/effects';
import { FeatureData } from '../folders/feature-data';
import { findSaes, openSae, type SaeFiles } from '../folders/sae';
import { parseSaeConfig } from '../folders/sae-config';
import { type ModelWeights, openWeights } from '../folders/weights';
import { parseJson } from '../formats/json';
import type { Compute } from '../kernels/compute';
import { createWasmCompute } from '../kernels/wasm';
import { createWebGpuCompute } from '../kernels/webgpu';
import type { EngineLens } from '../lens';
import type { Folder, ReadOptions } from '../sources/folder';
import { climbDown } from './choose-provider';
import { assemble } from './make-lens';

/** Everything that comes out of a model folder, before any device is touched. */
interface Files {
  name: string;
  config: QwenConfig;
  weights: ModelWeights;
  saes: SaeFiles[];
  /** Layers of all dictionaries of the folder. */
  openable: number[];
  /** By layer. */
  features: Map<number, FeatureData>;
  effects: Effect[];
  tokenizer: Tokenizer;
  /** What was left out of the folder, and why. */
  notices: string[];
}

/** Opens a small model, in float32, from any folder (an HF Qwen folder, with SAELens folders under `sae/`). Throws the
 *  named errors of `errors.ts`; nothing is left behind when it does. `load` gives the ONNX Runtime that it runs on. */
export async function openFolder(
  folder: Folder,
  options: FolderOptions = {},
  load: () => Promise<Runtime> = loadRuntime,
): Promise<EngineLens> {
  const files = await readFiles(folder, options);
  throwIfAborted(options.signal);
  return openFiles(files, folder, options, await load());
}

function openFiles(files: Files, folder: Folder, options: FolderOptions, runtime: Runtime): Promise<EngineLens> {
  const context = (adapter: string, notices: string[]) => ({
    ...options,
    folder,
    notices: [...files.notices, ...notices],
    adapter,
  });
  return climbDown<EngineLens>({
    wanted: options.provider ?? 'auto',
    openGpu,
    onGpu: (gpu, notices) => openProbed(files, runtime, gpu, context(gpu.name, notices)),
    onWasm: (adapter, notices) => openOn(files, runtime, null, context(adapter, notices)),
  });
}

async function readFiles(
  folder: Folder,
  { signal, onProgress, sites, beside, ...known }: FolderOptions,
): Promise<Files> {
  const report = (stage: Progress['stage']) => (loaded: number, total: number) =>
    onProgress?.({ stage, loaded, total });
  const config = known.config ?? (await openConfig(folder, { signal }));
  const tokenizer = await openTokenizer(folder, { signal, onBytes: report('tokenizer') });
  if (tokenizer.size > config.vocabularySize) {
    throw new ShapeMismatchError(
      `The tokenizer has ids up to ${tokenizer.size - 1}, the model's vocabulary ends at ${config.vocabularySize - 1}. They are not of one model.`,
    );
  }
  const weights = await openWeights(folder, { signal, onBytes: report('weights') });
  const { saes, openable } = beside
    ? await readBeside(beside, config, sites, report('dictionary'))
    : await readOwn(folder, config, sites, { signal, onBytes: report('dictionary') });
  saes.sort((a, b) => a.layer - b.layer);
  const { vocabularySize: vocabulary } = config;
  const widths = new Map(saes.map(({ layer, width }) => [layer, width]));
  const notices: string[] = [];
  const features = new Map<number, FeatureData>();
  for (const sae of saes) {
    const found = await unlessDamaged(
      FeatureData.open(folder, sae.path, { ...sae, vocabulary, widths }, { signal }),
      notices,
    );
    if (found) features.set(sae.layer, found);
  }
  const effects = (await unlessDamaged(openEffects(folder, { signal }), notices)) ?? [];
  const possible = effects.filter(({ edit }) => edit.feature < (widths.get(edit.layer) ?? 0));
  return { name: folder.name, config, weights, saes, openable, features, effects: possible, tokenizer, notices };
}

interface Read {
  saes: SaeFiles[];
  openable: number[];
}

/** The dictionaries under the folder's `sae/`. */
async function readOwn(
  folder: Folder,
  config: QwenConfig,
  sites: readonly number[] | undefined,
  options: ReadOptions,
): Promise<Read> {
  const { signal } = options;
  const saes: SaeFiles[] = [];
  const openable: number[] = [];
  for (const path of await findSaes(folder, { signal })) {
    const configFile = `${path}/cfg.json`;
    const { layer } = parseSaeConfig(parseJson(await folder.read(configFile, { signal }), configFile), configFile);
    if (openable.includes(layer)) {
      throw new CorruptFileError(
        `${folder.name} has two dictionaries for layer ${layer}. Leave one of them in sae/index.json.`,
        { layer },
      );
    }
    openable.push(layer);
    if (!sites || sites.includes(layer)) saes.push(await openSae(folder, path, { ...options, model: config }));
  }
  const missing = sites?.find((layer) => !openable.includes(layer));
  if (missing !== undefined)
    throw new SiteUnavailableError(`${folder.name} has no dictionary for layer ${missing}.`, { layer: missing });
  return { saes, openable };
}

async function readBeside(
  beside: Beside,
  config: QwenConfig,
  sites: readonly number[] | undefined,
  onBytes: ReadOptions['onBytes'],
): Promise<Read> {
  const saes: SaeFiles[] = [];
  for (const layer of sites ?? middle(beside.layers)) saes.push(await beside.open(layer, config, onBytes));
  return { saes, openable: [...beside.layers] };
}

/** What is opened of large dictionaries where nobody says which: the one in the middle. */
export function middle(layers: readonly number[]): number[] {
  return layers.length > 0 ? [layers[Math.floor(layers.length / 2)]!] : [];
}

/** What is told about a model is no part of it: where it cannot be read the model opens without it, and a notice says
 *  so. */
async function unlessDamaged<T>(reading: Promise<T>, notices: string[]): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof LensError) || error instanceof AbortedError) throw error;
    notices.push(`Left out: ${error.message}`);
    return null;
  }
}

/** What concerns a folder that is read into memory. */
export interface FolderOptions extends Pick<OpenOptions, 'onProgress' | 'sites' | 'provider' | 'signal'> {
  origin?: Origin;
  /** Of the folder, where it was read already. */
  config?: QwenConfig;
  /** Dictionaries that take the place of the folder's own. */
  beside?: Beside;
}

/** Dictionaries that are not in the model's folder. */
export interface Beside {
  layers: readonly number[];
  open(layer: number, model: QwenConfig, onBytes: ReadOptions['onBytes']): Promise<SaeFiles>;
}

interface OpenContext extends FolderOptions {
  folder: Folder;
  notices: string[];
  adapter: string;
}

function createModel(
  files: Files,
  runtime: Runtime,
  gpu: Gpu | null,
  compute: Compute,
  options: FolderOptions,
): Promise<Model> {
  const { config, weights, saes } = files;
  const onPart = (loaded: number, total: number) => options.onProgress?.({ stage: 'compile', loaded, total });
  const sites = saes.map((sae) => sae.layer);
  return Model.create({ config, weights, sites, runtime, gpu, compute, onPart, signal: options.signal });
}

async function openOn(files: Files, runtime: Runtime, gpu: Gpu | null, context: OpenContext): Promise<EngineLens> {
  if (!gpu && parameters(files.config) > WASM_PARAMETERS) {
    throw new UnsupportedModelError(
      `This model has ${Math.round(parameters(files.config) / 1e6)} million parameters; WebAssembly runs up to ${WASM_PARAMETERS / 1e6} million. Use a browser with WebGPU on a real GPU.`,
    );
  }
  const compute = gpu ? createWebGpuCompute(gpu.device) : createWasmCompute();
  let model: Model | undefined;
  try {
    model = await createModel(files, runtime, gpu, compute, context);
    throwIfAborted(context.signal);
    return lensOf(files, model, runtime, gpu, context);
  } catch (error) {
    await model?.release();
    compute.destroy();
    gpu?.device.destroy();
    throw error instanceof LensError
      ? error
      : new LensError(`The model could not be built: ${(error as Error).message}`, { cause: String(error) });
  }
}

/** A lens on `gpu` that agrees with the wasm provider on a probe text, or in words how it disagrees. */
async function openProbed(
  files: Files,
  runtime: Runtime,
  gpu: Gpu,
  context: OpenContext,
): Promise<EngineLens | string> {
  const lens = await openOn(files, runtime, gpu, context);
  if (parameters(files.config) > WASM_PARAMETERS) {
    context.notices.push('This model is too large to compare WebGPU with WebAssembly at opening.');
    return lens;
  }
  const compute = createWasmCompute();
  let reference: Model | undefined;
  try {
    context.onProgress?.({ stage: 'probe', loaded: 0, total: 1 });
    reference = await createModel({ ...files, saes: [] }, runtime, null, compute, { signal: context.signal });
    const { ok, difference } = await probe(lens.engine.model, reference);
    throwIfAborted(context.signal);
    context.onProgress?.({ stage: 'probe', loaded: 1, total: 1 });
    if (ok) return lens;
    await lens.close();
    return `WebGPU on ${gpu.name}${gpu.subgroups ? ' with subgroups' : ''} disagrees with WebAssembly by ${difference.toPrecision(2)} of the largest logit.`;
  } catch (error) {
    await lens.close();
    throw error instanceof LensError
      ? error
      : new LensError(`WebGPU could not be compared with WebAssembly: ${(error as Error).message}`, {
          cause: String(error),
        });
  } finally {
    await reference?.release();
    compute.destroy();
  }
}

function lensOf(files: Files, model: Model, runtime: Runtime, gpu: Gpu | null, context: OpenContext): EngineLens {
  const { config, saes, features, tokenizer } = files;
  const { folder, origin = null, adapter, notices } = context;
  const { compute } = model;
  const sites = saes.map((sae) => Site.open(sae, compute, features.get(sae.layer)));
  return assemble({
    facts: {
      model: files.name,
      sha256: files.weights.sha256,
      effects: files.effects,
      adapter,
      dtype: 'float32',
      format: 'f32',
      origin,
      openable: files.openable.sort((a, b) => a - b),
      memory: {
        weights: 4 * parameters(config),
        dictionaries: saes.reduce(
          (sum, { weights }) => sum + weights.encoder.byteLength + weights.decoder.byteLength,
          0,
        ),
      },
      contextOfModel: config.contextLength,
      notices,
    },
    config,
    tokenizer,
    model,
    sites,
    runtime,
    gpu,
    folder,
    resident: null,
    // A small model is read again as a whole: its files are near, and nothing of it was kept beside the device.
    withSites: async (layers, { signal, onProgress }, turn) => {
      const options = { ...context, sites: [...layers], signal, onProgress };
      const others = await readFiles(folder, options);
      throwIfAborted(signal);
      return turn(() => openFiles(others, folder, options, runtime));
    },
    release: () => {
      compute.destroy();
      gpu?.device.destroy();
    },
  });
}
