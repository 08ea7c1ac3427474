import type { Effect } from '../api/effect';
import { throwIfAborted } from '../api/errors';
import type { Origin } from '../api/model';
import type { OpenOptions, Progress } from '../api/open';
import { Site } from '../dictionary/site';
import { fittingContext, fittingOnWasm } from '../engine/context';
import { type Gpu, openGpu } from '../engine/device';
import { Model } from '../engine/model';
import { probe } from '../engine/probe';
import { loadRuntime, type Runtime } from '../engine/runtime';
import type { Tokenizer } from '../engine/tokenizer';
import { openTokenizer } from '../engine/tokenizer-files';
import { CUT_ELSEWHERE, checkWasm, incomparable } from '../engine/wasm-limit';
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
import { openFeatures, unlessDamaged, widthsOf } from './features';
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
  const config = options.config ?? (await openConfig(source, { signal: options.signal }));
  // One reading serves every provider that is tried.
  let files: Promise<Files> | undefined;
  const read = () => {
    files ??= readFiles(source, config, options);
    return files;
  };
  return openFiles(config, read, source, options, load);
}

/** Calls `read` once it is known that the model fits where it opens. */
function openFiles(
  config: DecoderConfig,
  read: () => Promise<Files>,
  source: Source,
  options: FolderOptions,
  load: () => Promise<Runtime>,
): Promise<EngineLens> {
  const open = async <T>(
    adapter: string,
    notices: string[],
    how: (files: Files, runtime: Runtime, context: OpenContext) => Promise<T>,
  ): Promise<T> => {
    const files = await read();
    throwIfAborted(options.signal);
    return how(files, await load(), { ...options, source, notices: [...files.notices, ...notices], adapter });
  };
  return chooseProvider<EngineLens>({
    wanted: options.provider ?? 'auto',
    openGpu,
    onGpu: async (gpu, notices) => {
      try {
        return await open(gpu.name, notices, (files, runtime, context) => openProbed(files, runtime, gpu, context));
      } catch (error) {
        gpu.device.destroy();
        throw error;
      }
    },
    onWasm: async (adapter, notices) => {
      checkWasm('This model', heldMemory(config));
      return open(adapter, notices, (files, runtime, context) => openOn(files, runtime, null, context));
    },
  });
}

async function readFiles(
  source: Source,
  config: DecoderConfig,
  { signal, onProgress, sites, folders, dictionaries }: FolderOptions,
): Promise<Files> {
  const reading = (stage: Progress['stage']): ReadOptions => ({
    signal,
    onBytes: (loaded, total) => onProgress?.({ stage, loaded, total }),
  });
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
  const effects = (await unlessDamaged(openEffects(source, { signal }), notices)) ?? [];
  return {
    ...{ name: source.name, config, weights, tokenizer, features, notices },
    dictionaries: found,
    openable: [...there.layers],
    effects: effectsWithin(effects, widthsOf(found)),
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
  { weights, dictionaries }: Pick<Files, 'weights' | 'dictionaries'>,
  config: DecoderConfig,
  runtime: Runtime,
  gpu: Gpu | null,
  compute: Compute,
  options: FolderOptions,
): Promise<Model> {
  const onPart = (loaded: number, total: number) => options.onProgress?.({ stage: 'compile', loaded, total });
  const sites = dictionaries.map(({ layer }) => layer);
  return Model.create({ config, weights, sites, runtime, gpu, compute, onPart, signal: options.signal });
}

async function openOn(files: Files, runtime: Runtime, gpu: Gpu | null, context: OpenContext): Promise<EngineLens> {
  const sites = files.dictionaries.map(({ layer }) => layer);
  // Each part has tables of its own: with so many, it may not fit any more.
  if (!gpu) checkWasm('This model', heldMemory(files.config, { sites }));
  const { length, sentence } = gpu
    ? fittingContext(files.config, gpu.device.limits, 'float32')
    : fittingOnWasm(files.config, sites);
  if (sentence) context.notices.push(sentence);
  const config = { ...files.config, contextLength: length };
  const compute = gpu ? createWebGpuCompute(gpu.device) : createWasmCompute();
  let model: Model | undefined;
  try {
    model = await createModel(files, config, runtime, gpu, compute, context);
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
  const { config } = lens.engine.model;
  const why = incomparable(config);
  if (why !== null) {
    context.notices.push(`WebGPU is not compared with WebAssembly at opening: ${why}.`);
    return lens;
  }
  const compute = createWasmCompute();
  let reference: Model | undefined;
  try {
    context.onProgress?.({ stage: 'probe', loaded: 0, total: 1 });
    const { signal } = context;
    reference = await createModel({ ...files, dictionaries: [] }, config, runtime, null, compute, { signal });
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
  const { config: own, dictionaries, features, tokenizer } = files;
  const { source, origin = null, adapter, notices } = context;
  const { compute, config } = model;
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
      contextOfModel: own.contextLength,
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
      if (!gpu) checkWasm(CUT_ELSEWHERE, heldMemory(own, { sites: layers }));
      const options = { ...context, sites: [...layers], signal, onProgress };
      const others = await readFiles(source, own, options);
      throwIfAborted(signal);
      const [read, load] = [async () => others, async () => runtime];
      return turn(() => openFiles(own, read, source, options, load));
    },
    release: () => {
      compute.destroy();
      gpu?.device.destroy();
    },
  });
}
