import { InvalidOptionError, UnsupportedModelError } from '../api/errors';
import type { QwenConfig } from '../folders/config';
import type { Activations } from '../graph/weights';
import { count, mebibytes } from '../maths/figures';
import type { KvShape } from './kv';

/** Bytes that the keys and values of one text may take, with the rotary tables. */
export const CONTEXT_BUDGET = 2 ** 30;
/** Bytes that the keys and values of rows that run in one batch may take together, the prompt's own among them: so one
 *  text that fits may always go on. */
const BATCH_BUDGET = 2 * CONTEXT_BUDGET;
/** A limited context is a multiple of this: the tokens of a prompt that run at once. */
const STEP = 128;

export interface FittingContext {
  /** Tokens that one text may have here. */
  length: number;
  /** Why that is fewer than the model allows; null where it is not. */
  sentence: string | null;
}

/** Bytes of keys and values a token, over all layers. */
export function bytesPerToken({ layers, kvHeads, headDim }: KvShape, activations: Activations): number {
  return layers * 2 * kvHeads * headDim * sizeOf(activations);
}

/** The context of a model on a device: what of the model's own fits into the budget at one row, and into the device's
 *  buffers; for several rows there is `checkBatch`. Throws UnsupportedModelError where not even one step fits. */
export function fittingContext(
  config: QwenConfig,
  limits: Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>,
  activations: Activations,
  budget: number = CONTEXT_BUDGET,
): FittingContext {
  const { kvHeads, headDim, contextLength } = config;
  const size = sizeOf(activations);
  const buffer = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const token = bytesPerToken(config, activations);
  const table = (headDim / 2) * size; // of cos, and of sin
  const byBudget = Math.floor(budget / (token + 2 * table));
  const byBuffer = Math.floor(buffer / Math.max(kvHeads * headDim * size, table));
  const fits = Math.min(byBudget, byBuffer);
  if (fits >= contextLength) return { length: contextLength, sentence: null };
  const length = Math.floor(fits / STEP) * STEP;
  if (length === 0)
    throw new UnsupportedModelError(
      `${STEP} tokens of this model need ${mebibytes(STEP * token)} of keys and values, more than fit here.`,
      { token },
    );
  const room =
    byBudget <= byBuffer ? `${mebibytes(budget)} are set aside` : `one buffer of this GPU holds ${mebibytes(buffer)}`;
  const sentence = `Texts have at most ${count(length)} of the model’s ${count(contextLength)} tokens here: keys and values take ${count(Math.round(token / 1024))} KiB a token, and ${room}.`;
  return { length, sentence };
}

/** Rows of so many tokens that fit into one batch. */
export function rowsThatFit(shape: KvShape, tokens: number): number {
  return Math.floor(BATCH_BUDGET / (tokens * bytesPerToken(shape, shape.activations ?? 'float32')));
}

/** Throws InvalidOptionError where rows of up to so many tokens are more than fit beside the prompt that they begin
 *  from: a device that is out of memory is lost, and what was asked for would lose it again. */
export function checkBatch(shape: KvShape, rows: number, tokens: number): void {
  const all = rows + 1;
  if (all <= rowsThatFit(shape, tokens)) return;
  const token = bytesPerToken(shape, shape.activations ?? 'float32');
  const fits = Math.floor(BATCH_BUDGET / (all * token));
  throw new InvalidOptionError(
    `${all} rows of up to ${count(tokens)} tokens run here, shadows and the prompt’s own among them, and need ${mebibytes(all * tokens * token)} of keys and values; ${mebibytes(BATCH_BUDGET)} are set aside. Ask for at most ${count(fits)} tokens, the prompt’s included, or for fewer variants.`,
    { rows: all, tokens, fits },
  );
}

function sizeOf(activations: Activations): number {
  return activations === 'float16' ? 2 : 4;
}
