import type { InferenceSession, Tensor } from 'onnxruntime-web/jspi';
import { DeviceLostError } from '../api/errors';
import type { LensInfo } from '../api/lens';
import type { PartGraph } from '../graph/decoder';
import type { Gpu } from './device';

/** The parts of onnxruntime-web in use. Both bundles carry the native WebGPU provider and the wasm one. */
export type Ort = typeof import('onnxruntime-web/jspi');

export type { InferenceSession, Tensor };

export interface Runtime {
  ort: Ort;
  /** `jspi` where the browser can suspend WebAssembly; `asyncify` otherwise, which spins for ever when the GPU device
   *  is lost; `plain` without WebGPU. */
  flavour: LensInfo['runtime'];
}

let loaded: Promise<Runtime> | null = null;

async function load(): Promise<Runtime> {
  const jspi = 'Suspending' in WebAssembly;
  const ort = jspi
    ? await import('onnxruntime-web/jspi')
    : ((await import('onnxruntime-web/webgpu')) as unknown as Ort);
  return configured(ort, jspi ? 'jspi' : 'asyncify');
}

/** A build of ONNX Runtime, set as the engine needs it. */
export function configured(ort: Ort, flavour: Runtime['flavour']): Runtime {
  // More than one thread needs cross-origin isolation, which would also block models from elsewhere.
  ort.env.wasm.numThreads = 1;
  // If a build shares this module with @huggingface/transformers, that library points the path at a CDN. The bundle has
  // its own file beside it.
  ort.env.wasm.wasmPaths = undefined;
  ort.env.logLevel = 'error';
  return { ort, flavour };
}

/** One copy of ONNX Runtime per worker. */
export function loadRuntime(): Promise<Runtime> {
  loaded ??= load().catch((error) => {
    loaded = null;
    throw error;
  });
  return loaded;
}

/** A session on our device, or on the wasm provider where `gpu` is null. */
export async function createSession({ ort }: Runtime, graph: PartGraph, gpu: Gpu | null): Promise<InferenceSession> {
  const executionProviders = gpu
    ? [{ name: 'webgpu', device: gpu.device } as InferenceSession.WebGpuExecutionProviderOption]
    : ['wasm'];
  return ort.InferenceSession.create(graph.model, {
    executionProviders,
    externalData: graph.external.map(({ path, data }) => ({ path, data })),
    graphOptimizationLevel: 'all',
  });
}

export function deviceLost(message: string): DeviceLostError {
  return new DeviceLostError(
    `The GPU device was lost${message ? ` (${message})` : ''}. Text and edits are kept; restart the engine.`,
  );
}
