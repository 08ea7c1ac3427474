import { UnsupportedModelError } from '../api/errors';
import type { DecoderConfig } from '../folders/config';
import { bytesSay } from '../maths/figures';
import { openingSeconds } from '../maths/wasm-times';
import { heldMemory, insideBytes, refusedWasm, type WasmMemory, wasmMemory } from '../sizes';

/** GB of main memory as the browser rounds them, 8 for 8 or more; null where it does not say. */
export function machineMemory(): number | null {
  const { deviceMemory } = (globalThis.navigator as { deviceMemory?: number } | undefined) ?? {};
  return deviceMemory ?? null;
}

/** Throws UnsupportedModelError for a model that does not fit into WebAssembly's memory or the machine's; `what` begins
 *  the sentence. */
export function checkWasm(
  what: string,
  config: DecoderConfig,
  needs: WasmMemory = wasmMemory(config),
  machine: number | null = machineMemory(),
): void {
  const refused = refusedWasm(needs, machine);
  if (!refused) return;
  const { bytes, limit, of } = refused;
  const ends = of === 'addresses' ? 'WebAssembly’s memory ends at' : 'this computer has about';
  throw new UnsupportedModelError(
    `${what} needs ${bytesSay(bytes)} of memory on WebAssembly, in float32, and ${ends} ${bytesSay(limit)}. Use a browser with WebGPU on a real GPU, where weights are smaller, or a smaller model.`,
    { bytes, limit },
  );
}

/** Throws UnsupportedModelError if a second copy of a model, cut at other layers, does not fit beside the open one. */
export function checkWasmTwice(config: DecoderConfig): void {
  const { addresses, whole } = wasmMemory(config);
  const open = insideBytes(config);
  checkWasm('This model, cut at other layers beside the open ones,', config, {
    addresses: addresses + open,
    whole: whole + open,
  });
}

/** Seconds that a comparison with WebAssembly may take at opening, about. */
const WORTH = 10;

/** Whether a model that opens on WebGPU, in float32, is compared with WebAssembly first: whether both copies fit into
 *  memory, and the second opens soon enough. */
export const comparable = (config: DecoderConfig): boolean =>
  refusedWasm(heldMemory(config), machineMemory()) === null && openingSeconds(insideBytes(config) / 4) <= WORTH;
