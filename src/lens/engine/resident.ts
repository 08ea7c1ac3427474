import { throwIfAborted, UnsupportedModelError } from '../api/errors';
import type { WeightFormat } from '../api/model';
import type { DecoderConfig } from '../folders/config';
import type { Encoding, PiecedTensor, PiecedTensors, TensorPiece } from '../folders/pieces';
import { float32ToFloat16 } from '../formats/halves';
import { type BoundSource, scalesOf, weightsBound } from '../graph/bound';
import type { BoundInput } from '../graph/onnx';
import { ropeTable } from '../graph/rope';
import { tensorsOf } from '../graph/tensors';
import type { Activations, GraphWeights } from '../graph/weights';
import { bufferBytes } from '../kernels/layout';
import { mebibytes } from '../maths/figures';
import { encodedParts, largestBinding } from '../sizes';
import { recordHalves } from './halve';
import { expectBytes, expectShape, keptTensor, missingTensor } from './kept-tensors';

/** Throws UnsupportedModelError if a matrix is too large for one buffer of a GPU with these limits. */
export function checkLargestBinding(
  config: DecoderConfig,
  format: WeightFormat,
  limits: Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>,
): void {
  const limit = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const { name, bytes } = largestBinding(config, format);
  if (bytes <= limit) return;
  throw new UnsupportedModelError(
    `${name} needs ${mebibytes(bytes)} in one buffer as ${format}, and this GPU takes ${mebibytes(limit)}. Choose a smaller format, or a smaller model.`,
    { tensor: name, bytes, limit },
  );
}

/** Pieces that are read ahead of the one being uploaded. */
const AHEAD = 3;
/** We wait for the queue after this many bytes: until then each upload also occupies staging memory. */
const STAGED = 256 * 2 ** 20;

export interface LoadOptions {
  config: DecoderConfig;
  format: WeightFormat;
  tensors: PiecedTensors;
  device: GPUDevice;
  /** Positions of the rotary tables: the longest text that a model on these weights runs. */
  contextLength: number;
  signal?: AbortSignal;
  /** Bytes of the kept pieces. */
  onBytes?: (loaded: number, total: number) => void;
}

/**
 * One copy of a model's weights on the device, filled piece by piece from the kept parts. Each matrix has a buffer; a
 * quantised matrix has a second buffer with its scales. `Model.create` binds them to a model's sessions. Several models
 * may use them, one after another or at once; the weights live until `release`. Norms and biases stay in memory, and
 * each graph gets its own copy.
 */
export class ResidentWeights implements BoundSource {
  private readonly matrices = new Map<string, Encoding>();
  private readonly vectors = new Map<string, Float32Array>();
  /** Buffers by the bound input's name, or by name and type if the type depends on the activations. */
  private readonly buffers = new Map<string, GPUBuffer>();

  private constructor(
    readonly config: DecoderConfig,
    readonly format: WeightFormat,
    readonly contextLength: number,
    private readonly device: GPUDevice,
  ) {}

  /** Throws CorruptFileError for a missing tensor, ShapeMismatchError for a shape other than the configuration's,
   *  UnsupportedModelError if a buffer is above the device's limits or the device is out of memory, DamagedStoreError
   *  for a piece that does not fit its tensor, AbortedError. */
  static async load({
    config,
    format,
    tensors,
    device,
    contextLength,
    signal,
    onBytes,
  }: LoadOptions): Promise<ResidentWeights> {
    if (format === 'f16' && !device.features.has('shader-f16')) {
      throw new UnsupportedModelError(
        'This GPU does not compute with half floats (shader-f16), which the format f16 needs. Choose q8 or q4.',
        { format },
      );
    }
    const resident = new ResidentWeights(config, format, contextLength, device);
    try {
      const uploads = await resident.allocate(tensors);
      await upload(device, uploads, signal, onBytes);
      return resident;
    } catch (error) {
      resident.release();
      throw error;
    }
  }

  /** Bytes of all buffers on the device. */
  get bytes(): number {
    return [...this.buffers.values()].reduce((sum, { size }) => sum + size, 0);
  }

  encoding(name: string): Encoding {
    const encoding = this.matrices.get(name);
    if (!encoding) throw missingTensor(name);
    return encoding;
  }

  vector(name: string, length: number): Float32Array {
    const vector = this.vectors.get(name);
    if (!vector) throw missingTensor(name);
    expectShape(name, [vector.length], [length]);
    return vector;
  }

  /** For building a graph on these weights. */
  graph(activations: Activations): GraphWeights {
    return weightsBound(this.config, this, activations);
  }

  /** The buffer of such a graph's input. Makes scales and rotary tables of a type that was not used so far. */
  buffer({ name, type }: BoundInput): GPUBuffer {
    const made = this.buffers.get(name) ?? this.buffers.get(typed(name, type));
    return made ?? (name.startsWith('rope.') ? this.rope(name, type) : this.halves(name));
  }

  /** Frees the buffers that only models of other activations use; no such model may be left. After `float16` there is
   *  no way back, since the float32 scales, from which all others are made, are gone. */
  settle(activations: Activations): void {
    for (const [key, buffer] of this.buffers) {
      if (!/\.scales\.|^rope\./.test(key) || key.endsWith(`.${activations}`)) continue;
      buffer.destroy();
      this.buffers.delete(key);
    }
  }

  release(): void {
    for (const buffer of this.buffers.values()) buffer.destroy();
    this.buffers.clear();
  }

  /** Checks the kept tensors against the configuration and makes every buffer. Reads nothing before everything fits. */
  private async allocate(tensors: PiecedTensors): Promise<Upload[]> {
    const plans = tensorsOf(this.config).map((wanted) => ({ wanted, kept: keptTensor(tensors, wanted, this.format) }));
    checkLargestBinding(this.config, this.format, this.device.limits);
    const uploads: Upload[] = [];
    this.device.pushErrorScope('out-of-memory');
    for (const { wanted, kept } of plans) {
      const { name } = wanted;
      const [rows, columns = null] = wanted.shape;
      if (columns === null) {
        uploads.push(
          ...pieces(
            kept,
            (piece) => piece.rows * rows * 4,
            name,
            (bytes) => this.vectors.set(name, new Float32Array(bytes.slice().buffer)),
          ),
        );
        continue;
      }
      const row = encodedParts(kept.encoding, columns);
      const matrix = this.make(name, rows * row.numbers);
      const scales = row.scales ? this.make(typed(scalesOf(name), 'float32'), rows * row.scales) : null;
      this.matrices.set(name, kept.encoding);
      let from = 0;
      const write = (bytes: Uint8Array<ArrayBuffer>, count: number) => {
        const numbers = count * row.numbers;
        this.device.queue.writeBuffer(matrix, from * row.numbers, bytes, 0, numbers);
        if (scales) this.device.queue.writeBuffer(scales, from * row.scales, bytes, numbers, count * row.scales);
        from += count;
      };
      uploads.push(...pieces(kept, (piece) => piece.rows * (row.numbers + row.scales), name, write));
    }
    const refused = await this.device.popErrorScope();
    if (refused)
      throw new UnsupportedModelError(
        `The GPU has no room for ${mebibytes(this.bytes)} of weights. Close other pages, or choose a smaller format.`,
      );
    return uploads;
  }

  private make(key: string, bytes: number): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const buffer = this.device.createBuffer({ label: key, size: bufferBytes(bytes), usage });
    this.buffers.set(key, buffer);
    return buffer;
  }

  private rope(name: string, type: string): GPUBuffer {
    const numbers = ropeTable(this.config, this.contextLength, name);
    const data = type === 'float16' ? float32ToFloat16(numbers) : numbers;
    const buffer = this.make(typed(name, type), data.byteLength);
    this.device.queue.writeBuffer(buffer, 0, data as Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>);
    return buffer;
  }

  private halves(name: string): GPUBuffer {
    const numbers = this.buffers.get(typed(name, 'float32'));
    if (!numbers) throw missingTensor(name);
    const halves = this.make(typed(name, 'float16'), numbers.size / 2);
    recordHalves(this.device, numbers, numbers.size / 4, halves);
    return halves;
  }
}

interface Upload {
  bytes: number;
  piece: TensorPiece;
  name: string;
  take(bytes: Uint8Array<ArrayBuffer>): void;
}

/** Uploads the pieces in the given order, one after another, while the next few are being read. */
async function upload(
  device: GPUDevice,
  uploads: Upload[],
  signal?: AbortSignal,
  onBytes?: (loaded: number, total: number) => void,
): Promise<void> {
  const total = uploads.reduce((sum, { bytes }) => sum + bytes, 0);
  const reading: Promise<Uint8Array>[] = [];
  let [loaded, staged] = [0, 0];
  for (let i = 0; i < uploads.length; i++) {
    throwIfAborted(signal);
    while (reading.length < Math.min(uploads.length, i + 1 + AHEAD)) {
      const read = uploads[reading.length]!.piece.read();
      read.catch(() => {}); // thrown when its turn comes, or not at all after an earlier failure
      reading.push(read);
    }
    const { bytes, name, take } = uploads[i]!;
    const data = await reading[i]!;
    reading[i] = undefined as never; // let go of the bytes
    expectBytes(name, data.length, bytes);
    take(data as Uint8Array<ArrayBuffer>);
    loaded += bytes;
    staged += bytes;
    if (staged >= STAGED) {
      await device.queue.onSubmittedWorkDone();
      staged = 0;
    }
    onBytes?.(loaded, total);
  }
  await device.queue.onSubmittedWorkDone();
  throwIfAborted(signal);
}

function pieces(
  kept: PiecedTensor,
  bytes: (piece: TensorPiece) => number,
  name: string,
  take: (bytes: Uint8Array<ArrayBuffer>, rows: number) => void,
): Upload[] {
  return kept.pieces.map((piece) => ({ bytes: bytes(piece), piece, name, take: (data) => take(data, piece.rows) }));
}

function typed(name: string, type: string): string {
  return `${name}.${type}`;
}
