import { InvalidOptionError, ShapeMismatchError } from '../api/errors';
import type { VerbalizeOptions, VerbalizerInfo } from '../api/verbalizer';
import type { EngineTrace } from '../engine/trace';
import { MOST_TOKENS, type VectorTarget, type VerbalizeRun } from './source';

/** Most samples of one vector in one request. */
const MOST_SAMPLES = 16;
const SEED = 16;

/** The options with defaults filled in. Throws InvalidOptionError, which says what is allowed. */
export function runOf(options: VerbalizeOptions, info: VerbalizerInfo): VerbalizeRun {
  const {
    samples = 1,
    seed = SEED,
    temperature = info.temperature,
    maxTokens = info.maxTokens,
    signal,
    onProgress,
  } = options;
  if (!Number.isInteger(samples) || samples < 1 || samples > MOST_SAMPLES) {
    throw new InvalidOptionError(`samples ${samples} is not a whole number from 1 to ${MOST_SAMPLES}.`);
  }
  if (!Number.isInteger(maxTokens) || maxTokens < 1 || maxTokens > MOST_TOKENS) {
    throw new InvalidOptionError(`maxTokens ${maxTokens} is not a whole number from 1 to ${MOST_TOKENS}.`);
  }
  if (!(temperature >= 0 && temperature <= 10))
    throw new InvalidOptionError(`Temperature ${temperature} is outside 0 to 10.`);
  if (!Number.isSafeInteger(seed)) throw new InvalidOptionError(`Seed ${seed} is not a whole number.`);
  return { samples, seed, temperature, maxTokens, signal, onProgress };
}

/** The requested positions. Throws InvalidOptionError if one is outside the text or named twice, or none is named. */
export function positionsOf(position: number | readonly number[] | undefined, tokens: number): number[] {
  const allowed = `Positions of this text are 0 to ${tokens - 1}.`;
  if (position === undefined) throw new InvalidOptionError(`No position of the trace is named. ${allowed}`);
  const positions = typeof position === 'number' ? [position] : [...position];
  if (positions.length === 0) throw new InvalidOptionError(`The list of positions is empty. ${allowed}`);
  for (const [i, at] of positions.entries()) {
    if (!Number.isInteger(at) || at < 0 || at >= tokens)
      throw new InvalidOptionError(`Position ${at} is outside the text. ${allowed}`);
    if (positions.indexOf(at) < i) throw new InvalidOptionError(`Position ${at} is named twice.`);
  }
  return positions;
}

/** Throws ShapeMismatchError for a vector of another width, InvalidOptionError for one with NaN or infinity. */
export function checkVector(vector: Float32Array, d: number): void {
  if (vector.length !== d) {
    throw new ShapeMismatchError(`The vector has ${vector.length} numbers, this model's residual stream has ${d}.`, {
      length: vector.length,
      d,
    });
  }
  const bad = vector.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw new InvalidOptionError(`The vector holds ${vector[bad]} at ${bad}; finite numbers are allowed.`);
}

/** The requested vectors: a trace's residuals at `layer`, or the bare vector. Throws SiteUnavailableError if the layer
 *  has no open site. */
export async function targetsOf(
  target: EngineTrace | Float32Array,
  position: number | readonly number[] | undefined,
  { layer, d }: { layer: number; d: number },
): Promise<VectorTarget[]> {
  if (target instanceof Float32Array) {
    if (position !== undefined)
      throw new InvalidOptionError('A bare vector has no position. Give a trace and a position, or a vector alone.');
    checkVector(target, d);
    return [{ position: null, vector: target }];
  }
  const positions = positionsOf(position, target.tokens.length);
  target.site(layer);
  const vectors = await target.residuals(layer, positions);
  return positions.map((at, i) => ({ position: at, vector: vectors[i]! }));
}
