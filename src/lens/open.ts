import type { Qwen3Config } from './artifacts/config';
import { openConfig } from './artifacts/config';
import { openEffects } from './artifacts/effects';
import { FeatureData } from './artifacts/feature-data';
import type { Folder } from './artifacts/folder';
import { httpFolder } from './artifacts/http-folder';
import { parseJson } from './artifacts/json';
import { findSaes, openSae, type SaeFiles } from './artifacts/sae';
import { parseSaeConfig } from './artifacts/sae-config';
import { type ModelWeights, openWeights } from './artifacts/weights';
import { Site } from './dictionary/site';
import { WHOLE_ROW } from './engine/candidates';
import { type Gpu, openGpu } from './engine/device';
import { Model } from './engine/model';
import { parameters, probe, WASM_PARAMETERS } from './engine/probe';
import { Queue } from './engine/queue';
import { deviceLost, loadRuntime, type Runtime } from './engine/runtime';
import { Tokenizer } from './engine/tokenizer';
import { AbortedError, CorruptFileError, LensError, ShapeMismatchError, SiteUnavailableError, throwIfAborted, UnsupportedModelError } from './errors';
import type { Compute } from './kernels/compute';
import { createWasmCompute } from './kernels/wasm';
import { createWebGpuCompute } from './kernels/webgpu';
import { climbDown } from './ladder';
import { EngineLens } from './lens';
import type { Effect, Lens, LensInfo, OpenOptions, Progress } from './types';

/** Everything that comes out of a model folder, before any device is touched. */
interface Files {
  name: string;
  config: Qwen3Config;
  weights: ModelWeights;
  saes: SaeFiles[];
  /** By layer. */
  features: Map<number, FeatureData>;
  effects: Effect[];
  tokenizer: Tokenizer;
  /** What was left out of the folder, and why. */
  notices: string[];
}

/** Opens the model folder at `url` (an HF Qwen3 folder, with SAELens folders under `sae/`) on the best provider this browser has. */
export function openLens(url: string, options: OpenOptions = {}): Promise<Lens> {
  return openFolder(httpFolder(url), options);
}

/** The same from any folder. Throws the named errors of `errors.ts`; nothing is left behind when it does. `load` gives the ONNX Runtime that it runs on. */
export async function openFolder(folder: Folder, options: OpenOptions = {}, load: () => Promise<Runtime> = loadRuntime): Promise<Lens> {
  const files = await readFiles(folder, options);
  throwIfAborted(options.signal);
  const runtime = await load();
  const context = (adapter: string, notices: string[]) => ({ ...options, folder, notices: [...files.notices, ...notices], adapter });
  return climbDown<EngineLens>({
    wanted: options.provider ?? 'auto',
    openGpu,
    onGpu: (gpu, notices) => openProbed(files, runtime, gpu, context(gpu.name, notices)),
    onWasm: (adapter, notices) => openOn(files, runtime, null, context(adapter, notices)),
  });
}

async function readFiles(folder: Folder, { signal, onProgress, sites }: OpenOptions): Promise<Files> {
  const report = (stage: Progress['stage']) => (loaded: number, total: number) => onProgress?.({ stage, loaded, total });
  const config = await openConfig(folder, { signal });
  const tokenizerBytes = await folder.read('tokenizer.json', { signal, onBytes: report('tokenizer') });
  const tokenizerConfig = parseJson(await folder.read('tokenizer_config.json', { signal }), 'tokenizer_config.json');
  const tokenizer = new Tokenizer(parseJson(tokenizerBytes, 'tokenizer.json'), tokenizerConfig);
  if (tokenizer.size > config.vocabularySize) {
    throw new ShapeMismatchError(
      `The tokenizer has ids up to ${tokenizer.size - 1}, the model's vocabulary ends at ${config.vocabularySize - 1}. They are not of one model.`,
    );
  }
  const weights = await openWeights(folder, { signal, onBytes: report('weights') });
  const saes: SaeFiles[] = [];
  for (const path of await findSaes(folder, { signal })) {
    const configFile = `${path}/cfg.json`;
    const { layer } = parseSaeConfig(parseJson(await folder.read(configFile, { signal }), configFile), configFile);
    if (sites && !sites.includes(layer)) continue;
    if (saes.some((sae) => sae.layer === layer)) {
      throw new CorruptFileError(`${folder.name} has two dictionaries for layer ${layer}. Leave one of them in sae/index.json.`, { layer });
    }
    saes.push(await openSae(folder, path, { signal, onBytes: report('dictionary'), model: config }));
  }
  const missing = sites?.find((layer) => !saes.some((sae) => sae.layer === layer));
  if (missing !== undefined) throw new SiteUnavailableError(`${folder.name} has no dictionary for layer ${missing}.`, { layer: missing });
  saes.sort((a, b) => a.layer - b.layer);
  const { vocabularySize: vocabulary } = config;
  const widths = new Map(saes.map(({ layer, width }) => [layer, width]));
  const notices: string[] = [];
  const features = new Map<number, FeatureData>();
  for (const sae of saes) {
    const found = await unlessDamaged(FeatureData.open(folder, sae.path, { ...sae, vocabulary, widths }, { signal }), notices);
    if (found) features.set(sae.layer, found);
  }
  const effects = (await unlessDamaged(openEffects(folder, { signal }), notices)) ?? [];
  const possible = effects.filter(({ edit }) => edit.feature < (widths.get(edit.layer) ?? 0));
  return { name: folder.name, config, weights, saes, features, effects: possible, tokenizer, notices };
}

/** What is told about a model is no part of it: where it cannot be read the model opens without it, and a notice says so. */
async function unlessDamaged<T>(reading: Promise<T>, notices: string[]): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof LensError) || error instanceof AbortedError) throw error;
    notices.push(`Left out: ${error.message}`);
    return null;
  }
}

interface OpenContext extends OpenOptions {
  folder: Folder;
  notices: string[];
  adapter: string;
}

function createModel(files: Files, runtime: Runtime, gpu: Gpu | null, compute: Compute, options: OpenOptions): Promise<Model> {
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
    return assemble(files, model, runtime, gpu, context);
  } catch (error) {
    await model?.release();
    compute.destroy();
    gpu?.device.destroy();
    throw error instanceof LensError ? error : new LensError(`The model could not be built: ${(error as Error).message}`, { cause: String(error) });
  }
}

/** A lens on `gpu` that agrees with the wasm provider on a probe text, or in words how it disagrees. */
async function openProbed(files: Files, runtime: Runtime, gpu: Gpu, context: OpenContext): Promise<EngineLens | string> {
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
      : new LensError(`WebGPU could not be compared with WebAssembly: ${(error as Error).message}`, { cause: String(error) });
  } finally {
    await reference?.release();
    compute.destroy();
  }
}

function assemble(files: Files, model: Model, runtime: Runtime, gpu: Gpu | null, context: OpenContext): EngineLens {
  const { config, saes, features, tokenizer } = files;
  const sites = saes.map((sae) => new Site(sae, model.compute, features.get(sae.layer) ?? null));
  const info: LensInfo = {
    model: files.name,
    sha256: files.weights.sha256,
    layers: config.layers,
    d: config.d,
    vocabulary: config.vocabularySize,
    sites: sites.map((site) => site.info),
    effects: files.effects,
    provider: gpu ? 'webgpu' : 'wasm',
    adapter: context.adapter,
    software: gpu?.software ?? false,
    subgroups: gpu?.subgroups ?? false,
    dtype: 'float32',
    contextLength: config.contextLength,
    chat: tokenizer.hasChatTemplate,
    han: tokenizer.hanCharacters(),
    notices: context.notices,
    runtime: runtime.flavour,
  };
  const queue = new Queue();
  return new EngineLens(
    { model, sites, tokenizer, queue, wholeRow: WHOLE_ROW },
    info,
    { folder: context.folder, runtime, gpu },
    gpu ? watch(gpu.device, queue) : new Promise<never>(() => {}),
  );
}

/** Breaks the queue when the device is lost, or has refused work: what is read after a refusal would be an earlier result. */
function watch(device: GPUDevice, queue: Queue): Promise<{ reason: string; message: string }> {
  return new Promise((resolve) => {
    const fail = (reason: string, message: string) => {
      if (queue.broken) return;
      queue.break(deviceLost(message));
      resolve({ reason, message });
    };
    void device.lost.then(({ reason, message }) => fail(reason, message));
    device.addEventListener('uncapturederror', ({ error }) => fail('refused', error.message));
  });
}
