import type { Qwen3Config } from './artifacts/config';
import { openConfig } from './artifacts/config';
import type { Folder } from './artifacts/folder';
import { httpFolder } from './artifacts/http-folder';
import { parseJson } from './artifacts/json';
import { findSaes, openSae, type SaeFiles } from './artifacts/sae';
import type { Weights } from './artifacts/safetensors';
import { openWeights } from './artifacts/weights';
import { Site } from './dictionary/site';
import { type Gpu, openGpu } from './engine/device';
import { Model } from './engine/model';
import { parameters, probe } from './engine/probe';
import { Queue } from './engine/queue';
import { deviceLost, loadRuntime, type Runtime } from './engine/runtime';
import { Tokenizer } from './engine/tokenizer';
import { LensError, ShapeMismatchError, SiteUnavailableError, throwIfAborted, UnsupportedModelError, WebGPUUnavailableError } from './errors';
import type { Compute } from './kernels/compute';
import { createWasmCompute } from './kernels/wasm';
import { createWebGpuCompute } from './kernels/webgpu';
import { EngineLens } from './lens';
import type { Lens, LensInfo, OpenOptions, Progress } from './types';

/** The wasm provider is for models of lenslet-mini's size; above this a token would take seconds. */
const WASM_PARAMETERS = 64e6;

/** Everything that comes out of a model folder, before any device is touched. */
interface Files {
  name: string;
  config: Qwen3Config;
  weights: Weights;
  saes: SaeFiles[];
  tokenizer: Tokenizer;
}

/** Opens the model folder at `url` (an HF Qwen3 folder, with SAELens folders under `sae/`) on the best provider this browser has. */
export function openLens(url: string, options: OpenOptions = {}): Promise<Lens> {
  return openFolder(httpFolder(url), options);
}

/** The same from any folder. Throws the named errors of `errors.ts`; nothing is left behind when it does. */
export async function openFolder(folder: Folder, options: OpenOptions = {}): Promise<Lens> {
  const files = await readFiles(folder, options);
  throwIfAborted(options.signal);
  const runtime = await loadRuntime();
  const notices: string[] = [];
  const wanted = options.provider ?? 'auto';
  if (wanted === 'wasm') return openOn(files, runtime, null, { ...options, folder, notices, adapter: 'not asked for' });
  for (const subgroups of [true, false]) {
    let gpu: Gpu;
    try {
      gpu = await openGpu(subgroups);
    } catch (error) {
      if (wanted === 'webgpu' || !(error instanceof WebGPUUnavailableError)) throw error;
      notices.push(`${error.message.split('. ')[0]}. Running on WebAssembly: slower, same results.`);
      return openOn(files, runtime, null, { ...options, folder, notices, adapter: 'no WebGPU' });
    }
    if (gpu.software && wanted === 'auto') {
      gpu.device.destroy();
      notices.push(`WebGPU is emulated in software here (${gpu.name}), so WebAssembly is used: faster, same results.`);
      return openOn(files, runtime, null, { ...options, folder, notices, adapter: gpu.name });
    }
    const lens = await openProbed(files, runtime, gpu, { ...options, folder, notices, adapter: gpu.name });
    if (lens) return lens;
    if (!gpu.subgroups) break;
  }
  if (wanted === 'webgpu') throw new WebGPUUnavailableError(`${notices.join(' ')} Open with provider "wasm".`);
  notices.push('Running on WebAssembly instead.');
  return openOn(files, runtime, null, { ...options, folder, notices, adapter: 'disagrees with WebAssembly' });
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
    if (sites && !sites.some((layer) => path.includes(`blocks.${layer}.`))) continue;
    saes.push(await openSae(folder, path, { signal, onBytes: report('dictionary'), model: config }));
  }
  const missing = sites?.find((layer) => !saes.some((sae) => sae.layer === layer));
  if (missing !== undefined) throw new SiteUnavailableError(`${folder.name} has no dictionary for layer ${missing}.`, { layer: missing });
  saes.sort((a, b) => a.layer - b.layer);
  return { name: folder.name, config, weights, saes, tokenizer };
}

interface OpenContext extends OpenOptions {
  folder: Folder;
  notices: string[];
  adapter: string;
}

function createModel(files: Files, runtime: Runtime, gpu: Gpu | null, compute: Compute, options: OpenOptions): Promise<Model> {
  const { config, weights, saes } = files;
  const onPart = (loaded: number, total: number) => options.onProgress?.({ stage: 'compile', loaded, total });
  return Model.create({ config, weights, sites: saes.map((sae) => sae.layer), runtime, gpu, compute, onPart });
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

/** A lens on `gpu` that agrees with the wasm provider on a probe text, or null with a notice. */
async function openProbed(files: Files, runtime: Runtime, gpu: Gpu, context: OpenContext): Promise<EngineLens | null> {
  const lens = await openOn(files, runtime, gpu, context);
  if (parameters(files.config) > WASM_PARAMETERS) return lens;
  context.onProgress?.({ stage: 'probe', loaded: 0, total: 1 });
  const compute = createWasmCompute();
  const reference = await createModel({ ...files, saes: [] }, runtime, null, compute, {});
  try {
    const { ok, difference } = await probe(lens.engine.model, reference);
    context.onProgress?.({ stage: 'probe', loaded: 1, total: 1 });
    if (ok) return lens;
    context.notices.push(
      `WebGPU on ${gpu.name}${gpu.subgroups ? ' with subgroups' : ''} disagrees with WebAssembly by ${difference.toPrecision(2)} of the largest logit.`,
    );
    await lens.close();
    return null;
  } finally {
    await reference.release();
    compute.destroy();
  }
}

function assemble(files: Files, model: Model, runtime: Runtime, gpu: Gpu | null, context: OpenContext): EngineLens {
  const { config, saes, tokenizer } = files;
  const { compute } = model;
  const sites = saes.map((sae) => new Site(sae, compute, config));
  const info: LensInfo = {
    model: files.name,
    layers: config.layers,
    d: config.d,
    vocabulary: config.vocabularySize,
    sites: sites.map((site) => site.info),
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
  const lost = gpu
    ? gpu.device.lost.then(({ reason, message }) => {
        queue.break(deviceLost(message));
        return { reason: reason as string, message };
      })
    : new Promise<never>(() => {});
  return new EngineLens({ model, sites, tokenizer, queue }, info, context.folder, gpu, lost);
}
