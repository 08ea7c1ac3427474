import { UnsupportedModelError } from '../api/errors';
import type { DecoderConfig } from '../folders/config';
import { fitsWasm, parameterCount, WASM_PARAMETERS } from '../sizes';

/** Throws UnsupportedModelError for a model that WebAssembly would take seconds a token for; `what` begins the
 *  sentence. */
export function checkWasm(what: string, config: DecoderConfig): void {
  if (fitsWasm(config)) return;
  const millions = (parameters: number) => Math.round(parameters / 1e6);
  throw new UnsupportedModelError(
    `${what} has ${millions(parameterCount(config))} million parameters; WebAssembly runs up to ${millions(WASM_PARAMETERS)} million. Use a browser with WebGPU on a real GPU.`,
  );
}
