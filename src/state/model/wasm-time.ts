import type { LensInfo } from '../../lens/api/lens';
import type { OpenRequest } from '../../lens/api/request';
import { fixed } from '../../lens/maths/figures';
import { openingSeconds, TOKEN_NS, tokenSeconds } from '../../lens/maths/wasm-times';
import { insideBytes, tokenParameters, type WasmOpening, wasmMemory, wasmTokens } from '../../lens/sizes';
import type { WasmNeed } from './capability';
import type { KnownDictionary, Shape } from './catalogue';
import type { ModelState } from './engine-state';
import { durationSays } from './progress';

/** What a model needs on WebAssembly, with the dictionaries that it is opened with. `ns`: as `nsHere`. */
export function wasmNeed(shape: Shape, ns: number | null, opening: WasmOpening = {}): WasmNeed {
  const token = secondsSay(tokenSeconds(tokenParameters(shape), ns ?? TOKEN_NS));
  const soon = secondsSay(openingSeconds(insideBytes(shape) / 4, ns ?? TOKEN_NS));
  const by =
    ns === null
      ? 'as measured on one processor core; a slow or busy machine takes several times as long'
      : 'at most, by what the open model takes here';
  const tokens = wasmTokens(shape, opening);
  return {
    memory: wasmMemory(shape, opening),
    context: tokens < shape.contextLength ? tokens : null,
    time: `About ${token} a token, and ${soon} to open once it is kept: ${by}.`,
  };
}

/** What is opened with a model of this shape: the dictionaries of the layers that are asked for, where their width is
 *  known. */
export function openingOf(
  { d }: Shape,
  { sites = [] }: Pick<OpenRequest, 'sites'>,
  dictionary: Pick<KnownDictionary, 'width'> | null,
): WasmOpening {
  return { sites, dictionaries: dictionary ? sites.map(() => ({ d, width: dictionary.width })) : [] };
}

/** Of the open model's parameters at least so many times must those of another be, for its time to say something of the
 *  other's: of a small one most is not arithmetic. */
const ALIKE = 1 / 8;

/** Nanoseconds a parameter that the open model took here on WebAssembly for a step, which is one token of each of its
 *  texts: so at most what one text takes, since a step of several reads the weights once. Null if it ran on a GPU, has
 *  not run, or is too small to tell for a model of so many parameters. */
export function nsHere({ info, speed }: Pick<ModelState, 'info' | 'speed'>, parameters: number): number | null {
  if (info?.provider !== 'wasm' || speed === null) return null;
  const own = ownParameters(info);
  return own >= parameters * ALIKE ? 1e9 / (speed.perSecond * own) : null;
}

/** On WebAssembly all weights are float32; a token takes a row of the embedding, and is multiplied by the others. */
const ownParameters = ({ memory, vocabulary, d }: LensInfo): number => memory.weights / 4 - vocabulary * d;

const secondsSay = (seconds: number): string =>
  seconds >= 10 ? durationSays(seconds) : `${fixed(seconds, seconds < 1 ? 2 : 1)} s`;
