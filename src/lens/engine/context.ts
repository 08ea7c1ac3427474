import { InvalidOptionError, UnsupportedModelError } from '../api/errors';
import type { DecoderConfig } from '../folders/config';
import type { Activations } from '../graph/weights';
import { count, counted, mebibytes } from '../maths/figures';
import { CONTEXT_BUDGET, CONTEXT_STEP, fittingTokens, kvBytes, wasmRunBytes, wasmTokens } from '../sizes';
import type { KvShape } from './kv';

/** Most bytes for the keys and values of a batch's rows and of its prompt together. It is twice the budget of one text,
 *  so a text that fits can always be continued. */
const BATCH_BUDGET = 2 * CONTEXT_BUDGET;

interface FittingContext {
  /** Tokens that one text may have here. */
  length: number;
  /** Why `length` is less than the model allows; null if it is not. */
  sentence: string | null;
}

/** The context of a model on a device: as much of the model's own context as fits into the budget of one row and into
 *  the device's buffers. `checkBatch` checks several rows. Throws UnsupportedModelError if not even one step fits. */
export function fittingContext(
  config: DecoderConfig,
  limits: Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>,
  activations: Activations,
): FittingContext {
  const buffer = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const length = fittingTokens(config, activations, buffer);
  const byBuffer = length < fittingTokens(config, activations);
  return fitting(config, length, {
    token: kvBytes(config, 1, activations),
    room: byBuffer ? `one buffer of this GPU holds ${mebibytes(buffer)}` : SET_ASIDE,
  });
}

const SET_ASIDE = `${mebibytes(CONTEXT_BUDGET)} are set aside`;

/** As `fittingContext`, on WebAssembly, of a model that is cut behind `sites`: weights, rotary tables, and keys and values
 *  share its memory. */
export function fittingOnWasm(config: DecoderConfig, sites: readonly number[]): FittingContext {
  const length = wasmTokens(config, { sites });
  const byMemory = length < fittingTokens(config, 'float32');
  return fitting(config, length, {
    token: kvBytes(config, 1, 'float32'),
    room: byMemory ? 'beside the weights there is room for no more in WebAssembly’s memory' : SET_ASIDE,
  });
}

function fitting(
  { contextLength }: DecoderConfig,
  length: number,
  { token, room }: { token: number; room: string },
): FittingContext {
  if (length === contextLength) return { length, sentence: null };
  if (length === 0)
    throw new UnsupportedModelError(
      `${CONTEXT_STEP} tokens of this model need ${mebibytes(CONTEXT_STEP * token)} of keys and values, more than fit here.`,
      { token },
    );
  const sentence = `Texts have at most ${count(length)} of the model’s ${count(contextLength)} tokens here: keys and values take ${count(Math.round(token / 1024))} KiB a token, and ${room}.`;
  return { length, sentence };
}

const bytesPerToken = (shape: KvShape): number => kvBytes(shape, 1, shape.activations ?? 'float32');

/** What WebAssembly's memory has left for one run, of a part of so many layers. */
export interface RunRoom {
  bytes: number;
  layers: number;
}

const rowsInRoom = (shape: KvShape, tokens: number, { bytes, layers }: RunRoom): number =>
  Math.floor(bytes / wasmRunBytes(shape, layers, tokens));

/** How many rows of `tokens` tokens fit into one batch. */
export function rowsThatFit(shape: KvShape, tokens: number, room: RunRoom | null = null): number {
  const rows = Math.floor(BATCH_BUDGET / (tokens * bytesPerToken(shape)));
  return room ? Math.min(rows, rowsInRoom(shape, tokens, room)) : rows;
}

/** Throws InvalidOptionError if that many rows of up to `tokens` tokens do not fit beside their prompt, nor at once into
 *  `room`. Running out of memory would lose the device, and the same request would lose it again. */
export function checkBatch(shape: KvShape, rows: number, tokens: number, room: RunRoom | null = null): void {
  if (room) checkRoom(shape, rows, tokens, room);
  const all = rows + 1;
  if (all <= rowsThatFit(shape, tokens)) return;
  const token = bytesPerToken(shape);
  const fits = Math.floor(BATCH_BUDGET / (all * token));
  throw new InvalidOptionError(
    `${all} rows of up to ${count(tokens)} tokens run here, shadows and the prompt’s own among them, and need ${mebibytes(all * tokens * token)} of keys and values; ${mebibytes(BATCH_BUDGET)} are set aside. Ask for at most ${count(fits)} tokens, the prompt’s included, or for fewer variants.`,
    { rows: all, tokens, fits },
  );
}

/** Throws InvalidOptionError if rows that run at once do not fit into WebAssembly's memory: there a failed allocation
 *  ends the run without a word of what to do. */
export function checkRoom(shape: KvShape, rows: number, tokens: number, room: RunRoom): void {
  const most = rowsInRoom(shape, tokens, room);
  if (rows <= most) return;
  const fits = Math.floor(room.bytes / (rows * wasmRunBytes(shape, room.layers, 1)));
  throw new InvalidOptionError(
    `${counted(rows, 'row')} of up to ${count(tokens)} tokens, shadows among them, need ${mebibytes(rows * wasmRunBytes(shape, room.layers, tokens))} of WebAssembly’s memory for keys and values, which are there twice during a run; it has ${mebibytes(room.bytes)} left beside the weights. There is room for ${counted(most, 'row')} of that length, or for ${counted(fits, 'token')} in each, the prompt’s included: ask for fewer tokens or variants.`,
    { rows, tokens, fits, most },
  );
}
