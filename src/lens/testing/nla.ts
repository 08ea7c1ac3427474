import type { Provider } from '../api/open';
import type { VerbalizeStep } from '../api/verbalizer';
import { openGpu } from '../engine/device';
import { Queue } from '../engine/queue';
import { loadRuntime } from '../engine/runtime';
import { createWasmCompute } from '../kernels/wasm';
import { createWebGpuCompute } from '../kernels/webgpu';
import { sourceOfFolder } from '../sources/reads';
import type { Source } from '../sources/source';
import type { DeviceContext } from '../verbalizer/source';

/** A device for a pair alone, without an open lens. */
export async function testHost(provider: Provider): Promise<DeviceContext & { close(): void }> {
  const gpu = provider === 'webgpu' ? await openGpu(true) : null;
  const compute = gpu ? createWebGpuCompute(gpu.device) : createWasmCompute();
  const close = () => {
    compute.destroy();
    gpu?.device.destroy();
  };
  return { runtime: await loadRuntime(), gpu, weights: null, compute, queue: new Queue(), wholeRow: 16384, close };
}

/** A folder whose pair lies beside its own files and not under `nla/`: how the fixture is stored. Files in `instead`
 *  take the place of the folder's; null: missing. */
export function asModelFolder(pair: Source, instead: Record<string, string | Uint8Array | null> = {}): Source {
  const replaced = new Map(
    Object.entries({ 'nla/index.json': '{"format":"lenslet-nla-1","av":"av","ar":"ar"}', ...instead }),
  );
  const inside = (path: string) => path.replace(/^nla\//, '');
  const own = (path: string): Uint8Array | null | undefined => {
    const value = replaced.get(path);
    return typeof value === 'string' ? new TextEncoder().encode(value) : value;
  };
  return sourceOfFolder({
    name: pair.name,
    read: async (path, options) => own(path) ?? pair.read(inside(path), options),
    tryRead: async (path, options) => (replaced.has(path) ? (own(path) ?? null) : pair.tryRead(inside(path), options)),
    tryReadPart: (path, begin, end, options) => pair.tryReadPart(inside(path), begin, end, options),
  });
}

/** What each row said: ids and its last text, by `position:sample`. */
export async function collect(
  steps: AsyncIterable<VerbalizeStep>,
): Promise<Map<string, { ids: number[]; text: string; done: VerbalizeStep['done'] }>> {
  const rows = new Map<string, { ids: number[]; text: string; done: VerbalizeStep['done'] }>();
  for await (const { position, sample, token, text, done } of steps) {
    const key = `${position}:${sample}`;
    rows.set(key, { ids: [...(rows.get(key)?.ids ?? []), token], text, done });
  }
  return rows;
}
