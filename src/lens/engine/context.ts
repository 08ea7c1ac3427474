import { InvalidOptionError, UnsupportedModelError } from '../api/errors';
import type { QwenConfig } from '../folders/config';
import type { Activations } from '../graph/weights';
import { count, mebibytes } from '../maths/figures';
import { CONTEXT_BUDGET, CONTEXT_STEP, fittingTokens, kvBytes } from '../sizes';
import type { KvShape } from './kv';

/** Bytes that the keys and values of rows that run in one batch may take together, the prompt's own among them: so one
 *  text that fits may always go on. */
const BATCH_BUDGET = 2 * CONTEXT_BUDGET;

interface FittingContext {
  /** Tokens that one text may have here. */
  length: number;
  /** Why that is fewer than the model allows; null where it is not. */
  sentence: string | null;
}

/** The context of a model on a device: what of the model's own fits into the budget at one row, and into the device's
 *  buffers; for several rows there is `checkBatch`. Throws UnsupportedModelError where not even one step fits. */
export function fittingContext(
  config: QwenConfig,
  limits: Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>,
  activations: Activations,
): FittingContext {
  const buffer = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const length = fittingTokens(config, activations, buffer);
  if (length === config.contextLength) return { length, sentence: null };
  const token = kvBytes(config, 1, activations);
  if (length === 0)
    throw new UnsupportedModelError(
      `${CONTEXT_STEP} tokens of this model need ${mebibytes(CONTEXT_STEP * token)} of keys and values, more than fit here.`,
      { token },
    );
  const room =
    length === fittingTokens(config, activations)
      ? `${mebibytes(CONTEXT_BUDGET)} are set aside`
      : `one buffer of this GPU holds ${mebibytes(buffer)}`;
  const sentence = `Texts have at most ${count(length)} of the model’s ${count(config.contextLength)} tokens here: keys and values take ${count(Math.round(token / 1024))} KiB a token, and ${room}.`;
  return { length, sentence };
}

const bytesPerToken = (shape: KvShape): number => kvBytes(shape, 1, shape.activations ?? 'float32');

/** Rows of so many tokens that fit into one batch. */
export function rowsThatFit(shape: KvShape, tokens: number): number {
  return Math.floor(BATCH_BUDGET / (tokens * bytesPerToken(shape)));
}

/** Throws InvalidOptionError where rows of up to so many tokens are more than fit beside the prompt that they begin
 *  from: a device that is out of memory is lost, and what was asked for would lose it again. */
export function checkBatch(shape: KvShape, rows: number, tokens: number): void {
  const all = rows + 1;
  if (all <= rowsThatFit(shape, tokens)) return;
  const token = bytesPerToken(shape);
  const fits = Math.floor(BATCH_BUDGET / (all * token));
  throw new InvalidOptionError(
    `${all} rows of up to ${count(tokens)} tokens run here, shadows and the prompt’s own among them, and need ${mebibytes(all * tokens * token)} of keys and values; ${mebibytes(BATCH_BUDGET)} are set aside. Ask for at most ${count(fits)} tokens, the prompt’s included, or for fewer variants.`,
    { rows: all, tokens, fits },
  );
}
