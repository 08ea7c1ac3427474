import type { Effect } from '../api/effect';
import { throwIfAborted } from '../api/errors';
import type { Origin } from '../api/model';
import type { OpenOptions, Progress } from '../api/open';
import { Site } from '../dictionary/site';
import { type Gpu, openGpu } from '../engine/device';
import { Model } from '../engine/model';
import { probe } from '../engine/probe';
import { loadRuntime, type Runtime } from '../engine/runtime';
import type { Tokenizer } from '../engine/tokenizer';
import { openTokenizer } from '../engine/tokenizer-files';
import { checkWasm, checkWasmTwice, comparable } from '../engine/wasm-limit';
import { type DecoderConfig, openConfig } from '../folders/config';
import { openDictionaries, ownDictionaries } from '../folders/dictionaries';
import type { DictionaryFiles } from '../folders/dictionary';
import { effectsWithin, openEffects } from '../folders/effects';
import type { FeatureData } from '../folders/feature-data';
import { type ModelWeights, openWeights } from '../folders/weights';
import type { Compute } from '../kernels/compute';
import { createWasmCompute } from '../kernels/wasm';
import { createWebGpuCompute } from '../kernels/webgpu';
import type { EngineLens, LensResources } from '../lens';
import { heldMemory, insideBytes } from '../sizes';
import type { ReadOptions } from '../sources/folder';
import type { Source } from '../sources/source';
import { chooseProvider } from './choose-provider';
import { buildFailure } from './common';
import { openFeatures, unlessDamaged } from './features';
import { makeLens } from './make-lens';
import { measureFvu } from './measure-fvu';

/** Everything read from a model folder, before any device is touched. */
interface Files {
  name: string;
  config: DecoderConfig;
  weights: ModelWeights;
  dictionaries: DictionaryFiles[];
  /** All layers whose dictionaries can be opened. */
  openable: number[];
  /** By layer. */
  features: Map<number, FeatureData>;
  effects: Effect[];
  tokenizer: Tokenizer;
  /** A sentence for each file that was left out, with the reason. */
  notices: string[];
}

/** Opens a model in float32 from any folder: a model's HF folder, with SAELens folders under `sae/`. Throws the
 *  named errors of `errors.ts` and then leaves nothing behind. `load` returns the ONNX Runtime to use. */
export async function openFolder(
  source: Source,
  options: FolderOptions = {},
  load: () => Promise<Runtime> = loadRuntime,
): Promise<EngineLens> {
  const files = await readFiles(source, options);
  throwIfAborted(options.signal);
  return openFiles(files, source, options, await load());
}

function openFiles(files: Files, source: Source, options: FolderOptions, runtime: Runtime): Promise<EngineLens> {
  const context = (adapter: string, notices: string[]) => ({
    ...options,
    source,
    notices: [...files.notices, ...notices],
    adapter,
  });
  return chooseProvider<EngineLens>({
    wanted: options.provider ?? 'auto',
    openGpu,
    onGpu: (gpu, notices) => openProbed(files, runtime, gpu, context(gpu.name, notices)),
    onWasm: (adapter, notices) => openOn(files, runtime, null, context(adapter, notices)),
  });
}

async function readFiles(
  source: Source,
  { signal, onProgress, sites, folders, dictionaries, ...known }: FolderOptions,
): Promise<Files> {
  const reading = (stage: Progress['stage']): ReadOptions => ({
    signal,
    onBytes: (loaded, total) => onProgress?.({ stage, loaded, total }),
  });
  const config = known.config ?? (await openConfig(source, { signal }));
  if (known.provider === 'wasm') checkFolder(config);
  const tokenizer = await openTokenizer(source, config, reading('tokenizer'));
  const weights = await openWeights(source, reading('weights'));
  const model = { d: config.d, layers: config.layers, name: source.name };
  const there = await (dictionaries ?? ownDictionaries)(source, model, { folders, signal });
  const { found, notices } = await openDictionaries(there, sites, reading('dictionary'));
  const { vocabularySize: vocabulary } = config;
  const features = await openFeatures(
    found.map(({ weights: { activation }, ...of }) => ({ ...of, activation })),
    { vocabulary, model: weights.sha256, notices, signal },
  );
  const widths = new Map(found.map(({ layer, width }) => [layer, width]));
  const effects = (await unlessDamaged(openEffects(source, { signal }), notices)) ?? [];
  return {
    ...{ name: source.name, config, weights, tokenizer, features, notices },
    dictionaries: found,
    openable: [...there.layers],
    effects: effectsWithin(effects, widths),
  };
}

/** Options for a folder that is read into memory. */
export interface FolderOptions extends Pick<OpenOptions, 'onProgress' | 'sites' | 'folders' | 'provider' | 'signal'> {
  origin?: Origin;
  /** The folder's configuration, if it has been read already. */
  config?: DecoderConfig;
  /** Opens the trained pair that was named beside the model. */
  pair?: LensResources['pair'];
  /** Finds dictionaries that take the place of the folder's own. */
  dictionaries?: typeof ownDictionaries;
}

interface OpenContext extends FolderOptions {
  source: Source;
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
  const { config, weights, dictionaries } = files;
  const onPart = (loaded: number, total: number) => options.onProgress?.({ stage: 'compile', loaded, total });
  const sites = dictionaries.map(({ layer }) => layer);
  return Model.create({ config, weights, sites, runtime, gpu, compute, onPart, signal: options.signal });
}

/** As `checkWasm`, of a model that is read into memory. */
const checkFolder = (config: DecoderConfig): void => checkWasm('This model', config, heldMemory(config));

async function openOn(files: Files, runtime: Runtime, gpu: Gpu | null, context: OpenContext): Promise<EngineLens> {
  if (!gpu) checkFolder(files.config);
  const compute = gpu ? createWebGpuCompute(gpu.device) : createWasmCompute();
  let model: Model | undefined;
  try {
    model = await createModel(files, runtime, gpu, compute, context);
    throwIfAborted(context.signal);
    const lens = lensOf(files, model, runtime, gpu, context);
    // The model's own need no such check, and are opened with it in no time.
    if (context.dictionaries) await measureFvu(lens, context);
    return lens;
  } catch (error) {
    await model?.release();
    compute.destroy();
    gpu?.device.destroy();
    throw buildFailure(error);
  }
}

/** Returns a lens on `gpu` if it agrees with the wasm provider on a probe text, else a sentence on how they differ. */
async function openProbed(
  files: Files,
  runtime: Runtime,
  gpu: Gpu,
  context: OpenContext,
): Promise<EngineLens | string> {
  const lens = await openOn(files, runtime, gpu, context);
  if (!comparable(files.config)) {
    context.notices.push('WebGPU is not compared with WebAssembly at opening: this model would take too long there.');
    return lens;
  }
  const compute = createWasmCompute();
  let reference: Model | undefined;
  try {
    context.onProgress?.({ stage: 'probe', loaded: 0, total: 1 });
    reference = await createModel({ ...files, dictionaries: [] }, runtime, null, compute, { signal: context.signal });
    const { ok, difference } = await probe(lens.engine.model, reference);
    throwIfAborted(context.signal);
    context.onProgress?.({ stage: 'probe', loaded: 1, total: 1 });
    if (ok) return lens;
    await lens.close();
    return `WebGPU on ${gpu.name}${gpu.subgroups ? ' with subgroups' : ''} disagrees with WebAssembly by ${difference.toPrecision(2)} of the largest logit.`;
  } catch (error) {
    await lens.close();
    throw buildFailure(error, 'WebGPU could not be compared with WebAssembly');
  } finally {
    await reference?.release();
    compute.destroy();
  }
}

function lensOf(files: Files, model: Model, runtime: Runtime, gpu: Gpu | null, context: OpenContext): EngineLens {
  const { config, dictionaries, features, tokenizer } = files;
  const { source, origin = null, adapter, notices } = context;
  const { compute } = model;
  const sites = dictionaries.map((files) => Site.open(files, compute, features.get(files.layer)));
  return makeLens({
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
        weights: insideBytes(config),
        dictionaries: sites.reduce((sum, { dictionary }) => sum + dictionary.bytes, 0),
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
    folder: source,
    pair: context.pair ?? null,
    weights: null,
    // Reads the whole small model again: its files are near, and only the device holds a copy.
    withSites: async (layers, { signal, onProgress }, turn) => {
      if (!gpu) checkWasmTwice(config);
      const options = { ...context, sites: [...layers], signal, onProgress };
      const others = await readFiles(source, options);
      throwIfAborted(signal);
      return turn(() => openFiles(others, source, options, runtime));
    },
    release: () => {
      compute.destroy();
      gpu?.device.destroy();
    },
  });
}
