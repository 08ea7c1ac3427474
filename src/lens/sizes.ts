import type { DictionaryFormat, WeightFormat } from './api/model';
import type { ModelShape } from './folders/config';
import type { Encoding } from './folders/pieces';
import { BLOCK } from './formats/quantise';
import { encodingOf, type TensorShape, tensorsOf } from './graph/tensors';
import type { Activations } from './graph/weights';
import { bufferBytes, type DictionarySize, layoutOf, matricesOf, matrixFormatOf } from './kernels/layout';

/** Every count of parameters and bytes. The page predicts with the same functions with which the engine allocates.
 *  Loads no engine. */

const numbersIn = ({ shape: [rows, columns = 1] }: TensorShape): number => rows * columns;

/** How many numbers a model's tensors have. A tied unembedding counts once, as in published weights. */
export const parameterCount = (model: ModelShape): number =>
  tensorsOf(model).reduce((sum, tensor) => sum + numbersIn(tensor), 0);

/** The wasm provider is for models of lenslet-mini's size; with more parameters a token would take seconds. Up to this
 *  number, a model is opened as it is, in memory. */
export const WASM_PARAMETERS = 64e6;

/** The format of larger ones where none is named: features are read from residuals, which q4 changes more
 *  (docs/quantisation.md). */
export const LARGE_FORMAT = 'q8' satisfies WeightFormat;

export const fitsWasm = (model: ModelShape): boolean => parameterCount(model) <= WASM_PARAMETERS;

/** Bytes of `count` numbers of whole blocks (folders/pieces.ts): of the numbers, and of the scales behind
 *  them. */
export function encodedParts(encoding: Encoding, count: number): { numbers: number; scales: number } {
  if (encoding === 'f32') return { numbers: count * 4, scales: 0 };
  if (encoding === 'f16') return { numbers: count * 2, scales: 0 };
  return { numbers: (count * (encoding === 'q4' ? 4 : 8)) / 8, scales: (count / BLOCK) * 4 };
}

export function encodedBytes(encoding: Encoding, count: number): number {
  const { numbers, scales } = encodedParts(encoding, count);
  return numbers + scales;
}

/** Bytes of a model's tensors as the store keeps them. */
export const storedBytes = (model: ModelShape, format: WeightFormat): number =>
  tensorsOf(model).reduce((sum, tensor) => sum + encodedBytes(encodingOf(format, tensor), numbersIn(tensor)), 0);

/** A model's matrices with the bytes of their buffers on the device: one for the numbers, one for scales if any. */
const matrixBuffers = (model: ModelShape, format: WeightFormat) =>
  tensorsOf(model)
    .filter(({ shape }) => shape.length === 2)
    .map((tensor) => {
      const { numbers, scales } = encodedParts(encodingOf(format, tensor), numbersIn(tensor));
      return { name: tensor.name, bytes: bufferBytes(numbers), scales: scales && bufferBytes(scales) };
    });

/** Bytes of a model's weights on the device, with float32 scales; norms and biases stay inside the graphs. */
export const modelBytes = (model: ModelShape, format: WeightFormat): number =>
  matrixBuffers(model, format).reduce((sum, { bytes, scales }) => sum + bytes + scales, 0);

/** The matrix that needs the largest buffer, and the bytes of that buffer. */
export const largestBinding = (model: ModelShape, format: WeightFormat): { name: string; bytes: number } =>
  matrixBuffers(model, format).reduce((largest, next) => (next.bytes > largest.bytes ? next : largest));

/** Bytes of float32 weights inside the graphs: the embedding is in the first and the unembedding in the last, even if
 *  they are tied. `linear`: the last is a matrix [d, d] in place of final norm and unembedding. */
export function insideBytes(model: ModelShape, head: 'unembedding' | 'linear' = 'unembedding'): number {
  if (head === 'unembedding') return 4 * parameterCount({ ...model, tied: false });
  return 4 * (parameterCount({ ...model, tied: true }) + (model.d - 1) * model.d);
}

/** The part of a model's shape that gives the size of its keys and values. */
export type CacheShape = Pick<ModelShape, 'layers' | 'kvHeads' | 'headDim'>;

const activationBytes = (activations: Activations): number => (activations === 'float16' ? 2 : 4);

/** Bytes of the keys and values of so many tokens, over all layers. */
export const kvBytes = ({ layers, kvHeads, headDim }: CacheShape, tokens: number, activations: Activations): number =>
  2 * layers * kvHeads * headDim * tokens * activationBytes(activations);

/** Bytes of the rotary tables of so many positions, cosines and sines, of every kind of attention. */
export const ropeBytes = (
  { headDim, attention }: Pick<ModelShape, 'headDim' | 'attention'>,
  positions: number,
  activations: Activations,
): number => attention.length * 2 * positions * (headDim / 2) * activationBytes(activations);

/** Bytes that the keys and values of one text may take, with the rotary tables. */
export const CONTEXT_BUDGET = 2 ** 30;

/** A limited context is a multiple of this: the tokens of a prompt that run at once. */
export const CONTEXT_STEP = 128;

/** Tokens that one text may have: as much of the model's own context as fits into the budget and into buffers of `most`
 *  bytes; 0 if not even one step fits. */
export function fittingTokens(
  model: CacheShape & Pick<ModelShape, 'attention'> & { contextLength: number },
  activations: Activations,
  most = Number.POSITIVE_INFINITY,
): number {
  const byBudget = CONTEXT_BUDGET / (kvBytes(model, 1, activations) + ropeBytes(model, 1, activations));
  // A layer has one buffer for its keys and one for its values.
  const byBuffer = most / (kvBytes({ ...model, layers: 1 }, 1, activations) / 2);
  const fits = Math.min(byBudget, byBuffer);
  return fits >= model.contextLength ? model.contextLength : Math.floor(fits / CONTEXT_STEP) * CONTEXT_STEP;
}

/** Bytes of a dictionary on the GPU, while it is open. */
export const dictionaryBytes = (size: DictionarySize, format: DictionaryFormat): number =>
  matricesOf(size)
    .map(([, tail]) => bufferBytes(layoutOf(matrixFormatOf(format), size.width, size.d, tail).end))
    .reduce((sum, bytes) => sum + bytes);

/** Bytes of a dictionary as the store keeps it: f16 matrices and float32 biases, whatever the GPU holds. */
export const storedDictionaryBytes = ({ d, width }: DictionarySize): number =>
  encodedBytes('f16', 2 * width * d) + encodedBytes('f32', width + d);
