import type { DictionaryFormat, WeightFormat } from './api/model';
import type { ModelShape } from './folders/config';
import type { Encoding } from './folders/pieces';
import { BLOCK } from './formats/quantise';
import { planParts } from './graph/split';
import { encodingOf, type TensorShape, tensorsOf } from './graph/tensors';
import type { Activations } from './graph/weights';
import { bufferBytes, type DictionarySize, layoutOf, matricesOf, matrixFormatOf } from './kernels/layout';

/** Every count of parameters and bytes. The page predicts with the same functions with which the engine allocates.
 *  Loads no engine. */

const numbersIn = ({ shape: [rows, columns = 1] }: TensorShape): number => rows * columns;

/** How many numbers a model's tensors have. A tied unembedding counts once, as in published weights. */
export const parameterCount = (model: ModelShape): number =>
  tensorsOf(model).reduce((sum, tensor) => sum + numbersIn(tensor), 0);

/** How many of them a token is multiplied by: all but the embedding, of which it takes a row. */
export const tokenParameters = (model: ModelShape): number =>
  parameterCount({ ...model, tied: false }) - model.vocabularySize * model.d;

/** Up to this number of parameters a model opens as it is, in float32, read anew each time; larger ones are kept. */
const SMALL_PARAMETERS = 64e6;

export const isSmall = (model: ModelShape): boolean => parameterCount(model) <= SMALL_PARAMETERS;

/** Up to these bytes of f16 weights, a GPU that computes with halves gets them by default. */
const HALVES_BYTES = 1e9;

/** The format in which a model opens where none is named. Never q4: features are read from residuals, which it changes,
 *  and of a small model's answers it makes babble (docs/quantisation.md). f16 loses next to nothing, and is what
 *  WebAssembly and GPUs with shader-f16 (`halves`) get; a model that is large in it, or a GPU without or whose buffers
 *  (`binding` bytes) do not hold its largest matrix, gets q8. */
export function defaultFormat(
  model: ModelShape,
  on: { wasm: boolean; halves: boolean; binding: number },
): WeightFormat {
  if (isSmall(model)) return 'f32';
  if (on.wasm) return 'f16';
  const halves = on.halves && largestBinding(model, 'f16').bytes <= on.binding;
  return halves && storedBytes(model, 'f16') <= HALVES_BYTES ? 'f16' : 'q8';
}

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

type Head = 'unembedding' | 'linear';

/** Bytes of float32 weights inside the graphs: the embedding is in the first and the unembedding in the last, even if
 *  they are tied. `linear`: the last is a matrix [d, d] in place of final norm and unembedding. */
export function insideBytes(model: ModelShape, head: Head = 'unembedding'): number {
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

/** Bytes that WebAssembly can address; its memory never shrinks. */
export const WASM_ADDRESSES = 2 ** 32;

/** What ONNX Runtime's WebAssembly takes beside weights: its own code and data, a run's activations, and the last step
 *  of its memory, which grows by a fifth and at most 96 MiB. */
export const WASM_BESIDE = 192 * 2 ** 20;
/** What the page or program itself takes beside it. */
const SCRIPT_BESIDE = 128 * 2 ** 20;

/** How a model is opened on WebAssembly. */
export interface WasmOpening {
  /** Layers behind which it is cut. */
  sites?: readonly number[];
  head?: Head;
  /** Bytes of files, or of other dictionaries, that lie in memory meanwhile. */
  held?: number;
  /** Dictionaries that are opened with it. */
  dictionaries?: readonly DictionarySize[];
}

/** What a model takes in float32 on WebAssembly, at most. */
export interface WasmMemory {
  /** Of WebAssembly's own memory: what `wasmWeights` counts, the largest matrix once more while it is packed, and a run
   *  of the fewest tokens. */
  addresses: number;
  /** Of the machine's, while the model opens. */
  whole: number;
}

export type WasmShape = ModelShape & { contextLength: number };

/** Blocks of the largest part of a model that is cut behind `sites`, and how many parts it has. A site that is no block
 *  is refused where the model is cut. */
const partsOf = (layers: number, sites: readonly number[]) => {
  const parts = planParts(
    layers,
    sites.filter((site) => site < layers),
  );
  return { count: parts.length, blocks: Math.max(...parts.map(({ from, to }) => to - from + 1)) };
};

/** Bytes that ONNX Runtime's WebAssembly takes for a run over so many tokens of so many layers: their keys and values
 *  are copied there, and those that come out are made beside them. */
export const wasmRunBytes = (model: CacheShape, layers: number, tokens: number): number =>
  2 * kvBytes({ ...model, layers }, tokens, 'float32');

/** Bytes that stay in WebAssembly's memory while a model is open: the weights, and in each part the rotary tables of the
 *  whole context, at most of every kind of attention. And those of the largest matrix, which is packed while it opens. */
export function wasmWeights(
  model: WasmShape,
  { sites = [], head = 'unembedding' }: WasmOpening = {},
): { inside: number; largest: number } {
  const tables = partsOf(model.layers, sites).count * ropeBytes(model, model.contextLength, 'float32');
  const largest = Math.max(...tensorsOf(model).map((tensor) => 4 * numbersIn(tensor)));
  return { inside: insideBytes(model, head) + tables, largest };
}

/** Bytes that are left for tables and a run, beside a model without any and `beside` others. */
function wasmRoom(model: WasmShape, opening: WasmOpening, beside: number): number {
  const { inside, largest } = wasmWeights({ ...model, contextLength: 0 }, opening);
  return WASM_ADDRESSES - WASM_BESIDE - inside - largest - beside;
}

/** As `fittingTokens`, on WebAssembly: tables and a run's keys and values must fit beside the weights, and beside the
 *  `beside` bytes of other open models. */
export function wasmTokens(model: WasmShape, opening: WasmOpening = {}, beside = 0): number {
  const { count, blocks } = partsOf(model.layers, opening.sites ?? []);
  const token = count * ropeBytes(model, 1, 'float32') + wasmRunBytes(model, blocks, 1);
  const fits = Math.max(0, Math.min(fittingTokens(model, 'float32'), wasmRoom(model, opening, beside) / token));
  return fits >= model.contextLength ? model.contextLength : Math.floor(fits / CONTEXT_STEP) * CONTEXT_STEP;
}

/** Predicts the peaks, with a context that fits or else the shortest. While a model opens, the part that is being made
 *  lies beside WebAssembly's memory, at worst all blocks, twice: as its blob, and as the tensors that were copied there
 *  and are not collected yet. Its dictionaries lie there too. docs/wasm.json has what was measured. */
export function wasmMemory(model: WasmShape, opening: WasmOpening = {}): WasmMemory {
  const { sites = [], head, held = 0, dictionaries = [] } = opening;
  const least = Math.min(model.contextLength, CONTEXT_STEP);
  const contextLength = Math.max(least, wasmTokens(model, opening));
  const { inside, largest } = wasmWeights({ ...model, contextLength }, opening);
  const { blocks } = partsOf(model.layers, sites);
  const addresses = inside + largest + WASM_BESIDE + wasmRunBytes(model, blocks, least);
  const part = inside - 4 * (head === 'linear' ? model.d * model.d : model.vocabularySize * model.d);
  const whole = addresses + 2 * part + SCRIPT_BESIDE + held + hostDictionaryBytes(dictionaries);
  return { addresses, whole };
}

/** Of a model whose float32 files, at most, lie in memory while it opens. */
export const heldMemory = (model: WasmShape, opening: WasmOpening = {}): WasmMemory =>
  wasmMemory(model, { ...opening, held: 4 * parameterCount(model) });

/** GB from which on a browser does not say how much memory a machine has. */
const MOST_SAID = 8;

/** What does not fit, and where it ends; null if it fits. `machine`: GB as the browser states them, null if it does
 *  not. */
export function refusedWasm(
  { addresses, whole }: WasmMemory,
  machine: number | null,
): { of: 'addresses' | 'machine'; bytes: number; limit: number } | null {
  if (addresses > WASM_ADDRESSES) return { of: 'addresses', bytes: addresses, limit: WASM_ADDRESSES };
  const limit = machine !== null && machine < MOST_SAID ? machine * 2 ** 30 : Number.POSITIVE_INFINITY;
  return whole > limit ? { of: 'machine', bytes: whole, limit } : null;
}

/** Bytes of a dictionary on the GPU, while it is open. */
export const dictionaryBytes = (size: DictionarySize, format: DictionaryFormat): number =>
  matricesOf(size)
    .map(([, tail]) => bufferBytes(layoutOf(matrixFormatOf(format), size.width, size.d, tail).end))
    .reduce((sum, bytes) => sum + bytes);

/** Bytes of a dictionary as the store keeps it: f16 matrices and float32 biases, whatever the GPU holds. */
export const storedDictionaryBytes = ({ d, width }: DictionarySize): number =>
  encodedBytes('f16', 2 * width * d) + encodedBytes('f32', width + d);

/** Bytes of dictionaries in the host's memory, float32, while they are opened: a matrix of the largest is there twice, as
 *  it is kept and as it is used. */
export const hostDictionaryBytes = (sizes: readonly DictionarySize[]): number => {
  const matrices = sizes.map(({ d, width }) => 4 * d * width);
  return matrices.reduce((sum, bytes) => sum + 2 * bytes, 0) + Math.max(0, ...matrices);
};
