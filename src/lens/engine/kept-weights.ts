import { CorruptFileError, throwIfAborted } from '../api/errors';
import type { WeightFormat } from '../api/model';
import type { DecoderConfig } from '../folders/config';
import type { PiecedTensor, PiecedTensors } from '../folders/pieces';
import { asUint16, float16ToFloat32 } from '../formats/halves';
import { dequantise } from '../formats/quantise';
import type { PartSpec } from '../graph/split';
import { EMBEDDING, FINAL_NORM, type TensorShape, tensorsOf, unembeddingName } from '../graph/tensors';
import type { InsideSource } from '../graph/weights';
import { encodedParts, insideBytes } from '../sizes';
import { expectBytes, expectShape, keptTensor, missingTensor } from './kept-tensors';

/** Reports bytes of kept pieces. */
export interface ReadingOptions {
  signal?: AbortSignal;
  onBytes?: (loaded: number, total: number) => void;
}

/** Runs a task that reads pieces; meanwhile nobody removes any. */
type Reading = <T>(task: () => Promise<T>, wait: { signal?: AbortSignal }) => Promise<T>;

/**
 * A kept model's weights for graphs that have them inside, as WebAssembly needs them. They are read anew for each part
 * of a model, in their kept form, and each tensor becomes float32 when the graph asks for it: x = scale * (q - zero) in
 * float32, the numbers that a GPU computes with. What was asked for is let go, so that no more than one part lies
 * beside ONNX Runtime's own copy. Several models may be made of them.
 */
export class KeptWeights {
  private constructor(
    readonly config: DecoderConfig,
    readonly format: WeightFormat,
    private readonly tensors: ReadonlyMap<string, PiecedTensor>,
    /** Held while a whole model is made of them: each of its parts is read at another time. */
    readonly reading: Reading,
  ) {}

  /** Throws what `keptTensor` throws. Reads nothing. */
  static of(
    config: DecoderConfig,
    format: WeightFormat,
    tensors: PiecedTensors,
    reading: Reading = (task) => task(),
  ): KeptWeights {
    const wanted = tensorsOf(config).map((tensor) => [tensor.name, keptTensor(tensors, tensor, format)] as const);
    return new KeptWeights(config, format, new Map(wanted), reading);
  }

  /** Bytes in ONNX Runtime's memory, of each model that is made of them. */
  get bytes(): number {
    return insideBytes(this.config);
  }

  /** Bytes of all kept pieces. */
  get keptBytes(): number {
    return [...this.tensors.values()].reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  }

  /** Reads the tensors of a part, or of the head: final norm and unembedding. Each can be asked for once. Throws
   *  DamagedStoreError for a piece that does not fit its tensor, AbortedError. */
  async part(spec: PartSpec | 'head', { signal, onBytes }: ReadingOptions = {}): Promise<InsideSource> {
    const read = new Map<string, Uint8Array[]>();
    const names = tensorsOf(this.config).filter((tensor) => isIn(this.config, tensor, spec));
    const total = names.reduce((sum, { name }) => sum + tensorBytes(this.tensors.get(name)!), 0);
    let loaded = 0;
    for (const { name } of names) {
      const tensor = this.tensors.get(name)!;
      const pieces: Uint8Array[] = [];
      for (const piece of tensor.pieces) {
        throwIfAborted(signal);
        const bytes = await piece.read();
        expectBytes(name, bytes.length, pieceBytes(tensor, piece.rows));
        pieces.push(bytes);
        loaded += bytes.length;
        onBytes?.(loaded, total);
      }
      read.set(name, pieces);
    }
    throwIfAborted(signal);
    return {
      float32: (name, expected) => {
        const [tensor, pieces] = [this.tensors.get(name), read.get(name)];
        if (!tensor) throw missingTensor(name);
        if (!pieces) throw new CorruptFileError(`${name} is of another part of the model.`, { tensor: name });
        expectShape(name, tensor.shape, expected);
        read.delete(name);
        return decoded(tensor, pieces);
      },
    };
  }
}

function isIn(config: DecoderConfig, { name }: TensorShape, spec: PartSpec | 'head'): boolean {
  if (spec === 'head') return name === FINAL_NORM || name === unembeddingName(config);
  const layer = /^model\.layers\.(\d+)\./.exec(name)?.[1];
  if (layer === undefined) return spec.embed && name === EMBEDDING;
  return Number(layer) >= spec.from && Number(layer) <= spec.to;
}

const columnsOf = ({ shape }: PiecedTensor): number => shape[1] ?? shape[0]!;

function pieceBytes(tensor: PiecedTensor, rows: number): number {
  const { numbers, scales } = encodedParts(tensor.encoding, rows * columnsOf(tensor));
  return numbers + scales;
}

const tensorBytes = (tensor: PiecedTensor): number =>
  tensor.pieces.reduce((sum, { rows }) => sum + pieceBytes(tensor, rows), 0);

function decoded(tensor: PiecedTensor, pieces: readonly Uint8Array[]): Float32Array {
  const numbers = new Float32Array(tensor.shape.reduce((product, n) => product * n, 1));
  let at = 0;
  for (const [i, bytes] of pieces.entries()) {
    const count = tensor.pieces[i]!.rows * columnsOf(tensor);
    numbers.set(decodedPiece(tensor, bytes, count), at);
    at += count;
  }
  return numbers;
}

function decodedPiece({ encoding }: PiecedTensor, bytes: Uint8Array, count: number): Float32Array {
  if (encoding === 'f32') return new Float32Array(bytes.slice().buffer);
  if (encoding === 'f16') return float16ToFloat32(asUint16(bytes));
  const { numbers } = encodedParts(encoding, count);
  const packed = bytes.slice(0, numbers);
  return dequantise({ packed, scales: new Float32Array(bytes.slice(numbers).buffer) }, encoding === 'q4' ? 4 : 8);
}
