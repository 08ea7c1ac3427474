import type { LensInfo } from '../../lens/api/lens';
import { fixed } from '../../lens/maths/figures';
import { openingSeconds, TOKEN_NS, tokenSeconds } from '../../lens/maths/wasm-times';
import { insideBytes, tokenParameters, wasmMemory } from '../../lens/sizes';
import type { WasmNeed } from './capability';
import type { Shape } from './catalogue';
import type { ModelState } from './engine-state';
import { durationSays } from './progress';

/** What a model needs on WebAssembly. `ns`: as `nsHere`. */
export function wasmNeed(shape: Shape, ns: number | null): WasmNeed {
  const token = secondsSay(tokenSeconds(tokenParameters(shape), ns ?? TOKEN_NS));
  const opening = secondsSay(openingSeconds(insideBytes(shape) / 4, ns ?? TOKEN_NS));
  const by =
    ns === null
      ? 'as measured on one processor core; a slow or busy machine takes several times as long'
      : 'by what the open model takes here';
  return { memory: wasmMemory(shape), time: `About ${token} a token, and ${opening} to open once it is kept: ${by}.` };
}

/** Of the open model's parameters at least so many times must those of another be, for its time to say something of the
 *  other's: of a small one most is not arithmetic. */
const ALIKE = 1 / 8;

/** Nanoseconds a parameter and token that the open model took here on WebAssembly; null if it ran on a GPU, has not
 *  run, or is too small to tell for a model of so many parameters. */
export function nsHere({ info, speed }: Pick<ModelState, 'info' | 'speed'>, parameters: number): number | null {
  if (info?.provider !== 'wasm' || speed === null) return null;
  const own = ownParameters(info);
  return own >= parameters * ALIKE ? 1e9 / (speed.perSecond * speed.rows * own) : null;
}

/** On WebAssembly all weights are float32; a token takes a row of the embedding, and is multiplied by the others. */
const ownParameters = ({ memory, vocabulary, d }: LensInfo): number => memory.weights / 4 - vocabulary * d;

const secondsSay = (seconds: number): string =>
  seconds >= 10 ? durationSays(seconds) : `${fixed(seconds, seconds < 1 ? 2 : 1)} s`;
