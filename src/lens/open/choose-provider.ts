import { WebGPUUnavailableError } from '../api/errors';
import type { Provider } from '../api/open';
import type { Gpu } from '../engine/device';

/** The steps of `openFolder` that choose a provider, for a lens of type L. */
export interface Rungs<L> {
  wanted: 'auto' | Provider;
  openGpu: (allowSubgroups: boolean) => Promise<Gpu>;
  /** Returns the lens on this GPU, or a sentence on how it differs from WebAssembly. */
  onGpu: (gpu: Gpu, notices: string[]) => Promise<L | string>;
  onWasm: (adapter: string, notices: string[]) => Promise<L>;
}

/**
 * Tries WebGPU with subgroups, WebGPU without, then WebAssembly, and takes the first that exists and agrees with
 * WebAssembly on the probe text. Skips a software adapter, because WebAssembly is faster. Each step down adds a
 * sentence to the notices. If `webgpu` is wanted, it never falls back to WebAssembly and throws WebGPUUnavailableError
 * instead; if `wasm` is wanted, it tries nothing else.
 */
export async function chooseProvider<L>({ wanted, openGpu, onGpu, onWasm }: Rungs<L>): Promise<L> {
  const notices: string[] = [];
  if (wanted === 'wasm') return onWasm('GPU not asked for', notices);
  for (const subgroups of [true, false]) {
    let gpu: Gpu;
    try {
      gpu = await openGpu(subgroups);
    } catch (error) {
      if (wanted === 'webgpu' || !(error instanceof WebGPUUnavailableError)) throw error;
      notices.push(`${error.message.split('. ')[0]}. Running on WebAssembly: slower, same results.`);
      return onWasm('no WebGPU', notices);
    }
    if (gpu.software && wanted === 'auto') {
      gpu.device.destroy();
      notices.push(`WebGPU is emulated in software here (${gpu.name}), so WebAssembly is used: faster, same results.`);
      return onWasm(gpu.name, notices);
    }
    const lens = await onGpu(gpu, notices);
    if (typeof lens !== 'string') return lens;
    notices.push(lens);
    if (!gpu.subgroups) break;
  }
  if (wanted === 'webgpu') throw new WebGPUUnavailableError(`${notices.join(' ')} Open with provider "wasm".`);
  notices.push('Running on WebAssembly instead.');
  return onWasm('disagrees with WebAssembly', notices);
}
