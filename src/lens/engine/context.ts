import { InvalidOptionError, UnsupportedModelError } from '../api/errors';
import type { DecoderConfig } from '../folders/config';
import type { Activations } from '../graph/weights';
import { count, mebibytes } from '../maths/figures';
import { CONTEXT_BUDGET, CONTEXT_STEP, fittingTokens, kvBytes } from '../sizes';
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

/** How many rows of `tokens` tokens fit into one batch. */
export function rowsThatFit(shape: KvShape, tokens: number): number {
  return Math.floor(BATCH_BUDGET / (tokens * bytesPerToken(shape)));
}

/** Throws InvalidOptionError if that many rows of up to `tokens` tokens do not fit beside their prompt. Running out of
 *  memory would lose the device, and the same request would lose it again. */
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
