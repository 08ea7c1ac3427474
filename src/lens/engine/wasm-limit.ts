import { UnsupportedModelError } from '../api/errors';
import type { DecoderConfig } from '../folders/config';
import { bytesSay } from '../maths/figures';
import { openingSeconds } from '../maths/wasm-times';
import { heldMemory, insideBytes, refusedWasm, type WasmMemory } from '../sizes';
import { wasmHeap } from './wasm-heap';

/** GB of main memory as the browser rounds them, 8 for 8 or more; null where it does not say. */
export function machineMemory(): number | null {
  const { deviceMemory } = (globalThis.navigator as { deviceMemory?: number } | undefined) ?? {};
  return deviceMemory ?? null;
}

/** `needs`, beside the models that are open on WebAssembly already. */
function besideOpen({ addresses, whole }: WasmMemory): WasmMemory {
  const { inside } = wasmHeap;
  return { addresses: addresses + inside, whole: whole + inside };
}

const endsSay = ({ of, limit }: { of: 'addresses' | 'machine'; limit: number }): string =>
  `${of === 'addresses' ? 'WebAssembly’s memory ends at' : 'this computer has about'} ${bytesSay(limit)}`;

/** Throws UnsupportedModelError for a model that does not fit into WebAssembly's memory or the machine's, beside the
 *  models that are open there; `what` begins the sentence. */
export function checkWasm(what: string, needs: WasmMemory, machine: number | null = machineMemory()): void {
  const refused = refusedWasm(besideOpen(needs), machine);
  if (!refused) return;
  const { bytes, limit } = refused;
  const { inside } = wasmHeap;
  const open = inside > 0 ? ` ${bytesSay(inside)} of it for what is open already,` : '';
  throw new UnsupportedModelError(
    `${what} needs ${bytesSay(bytes)} of memory on WebAssembly, in float32,${open} and ${endsSay(refused)}. Use a browser with WebGPU on a real GPU, where weights are smaller, or a smaller model.`,
    { bytes, limit },
  );
}

/** Begins the sentence of a refusal to open a model once more. */
export const CUT_ELSEWHERE = 'This model, cut at other layers beside the open ones,';

/** Seconds that a comparison with WebAssembly may take at opening, about. */
const WORTH = 10;

/** Why a model that opens on WebGPU, in float32, is not compared with WebAssembly first, in words that follow "because";
 *  null if it is: both copies fit into memory, and the second opens soon enough. */
export function incomparable(config: DecoderConfig): string | null {
  const refused = refusedWasm(besideOpen(heldMemory(config)), machineMemory());
  if (refused) return `this model needs ${bytesSay(refused.bytes)} of memory there, and ${endsSay(refused)}`;
  const late = openingSeconds(insideBytes(config) / 4) > WORTH;
  return late ? 'this model would take too long there' : null;
}
