import { CorruptFileError, ShapeMismatchError, UnsupportedModelError } from '../api/errors';
import type { WeightFormat } from '../api/model';
import type { DecoderConfig } from '../folders/config';
import type { DictionaryPlan } from '../folders/dictionary-plan';
import type { Encoding } from '../folders/pieces';
import { BLOCK } from '../formats/quantise';
import type { TensorTable } from '../formats/tensor-table';
import { encodingOf, tensorsOf } from '../graph/tensors';
import { BYTES_PER, type StoredFloat } from '../kernels/converter';
import { encodedBytes } from '../sizes';
import type { SourceFile } from '../sources/source';

/** Formats that the store keeps; an `f32` model opens from its files. */
export type StoredFormat = Exclude<WeightFormat, 'f32'>;

/** How to convert one tensor of a source. */
export interface TensorPlan {
  name: string;
  shape: number[];
  dtype: StoredFloat;
  encoding: Encoding;
  /** A vector is one row. */
  rows: number;
  columns: number;
  transposed: boolean;
}

/** Whole rows of a tensor: the unit of reading, converting and keeping. */
export interface Piece {
  tensor: TensorPlan;
  /** In the order of the tensor's rows. */
  index: number;
  rows: number;
  /** Position in the file. */
  begin: number;
  end: number;
}

export interface FilePlan {
  file: SourceFile;
  /** In file order; pieces share no bytes. */
  pieces: Piece[];
}

/** The part of a source's weights to keep; files with nothing to keep are left out. */
export interface InstallPlan {
  files: FilePlan[];
  tensors: ReadonlyMap<string, TensorPlan>;
}

/** Most source bytes of a piece. Memory holds only two pieces at a time, and their converted bytes. */
export const MAX_PIECE = 16 * 1024 * 1024;

export const pieceBytes = ({ tensor, rows }: Piece): number => encodedBytes(tensor.encoding, rows * tensor.columns);

/** Plans exactly the tensors that a model of this configuration has. Matrices of the blocks get the format; embedding
 *  and unembedding get q8, or f16 with f16; vectors get float32. Checks shapes against the configuration before any
 *  weights are fetched. Throws ShapeMismatchError, CorruptFileError for a missing tensor, UnsupportedModelError for
 *  other number types and for rows that are not whole blocks. `most`: bytes of a piece, unless one row is longer. */
export function planModel(
  table: TensorTable,
  config: DecoderConfig,
  format: StoredFormat,
  most = MAX_PIECE,
): InstallPlan {
  const places = new Map<string, { plan: TensorPlan; begin: number }[]>();
  const tensors = new Map<string, TensorPlan>();
  for (const tensor of tensorsOf(config)) {
    const { name, shape } = tensor;
    const place = table.tensors.get(name);
    if (!place)
      throw new CorruptFileError(`The weights have no tensor ${name}, which the model needs.`, { tensor: name });
    if (place.shape.length !== shape.length || place.shape.some((n, i) => n !== shape[i])) {
      const asked = `[${place.shape.join(', ')}], but the configuration asks for [${shape.join(', ')}]`;
      throw new ShapeMismatchError(
        `${name} in ${place.file} has shape ${asked}. Weights and configuration are of different models.`,
        { tensor: name },
      );
    }
    const plan = tensorPlan(name, place.shape, place.dtype, encodingOf(format, tensor));
    tensors.set(name, plan);
    const ofFile = places.get(place.file) ?? [];
    places.set(place.file, [...ofFile, { plan, begin: place.begin }]);
  }
  const files = table.files
    .filter(({ path }) => places.has(path))
    .map((file) => filePlan(file, places.get(file.path)!, most));
  return { files, tensors };
}

/** Plans both matrices as f16, in file order, and the vectors as float32. Throws UnsupportedModelError. */
export function planDictionary({ file, tensors: stored }: DictionaryPlan, most = MAX_PIECE): InstallPlan {
  const tensors = new Map<string, TensorPlan>();
  const places: { plan: TensorPlan; begin: number }[] = [];
  for (const [name, tensor] of Object.entries(stored)) {
    if (!tensor) continue;
    const { dtype, shape, begin, transposed } = tensor;
    const plan = { ...tensorPlan(name, shape, dtype, shape.length === 1 ? 'f32' : 'f16'), transposed };
    tensors.set(name, plan);
    places.push({ plan, begin });
  }
  return { files: [filePlan(file, places, most)], tensors };
}

function tensorPlan(name: string, shape: readonly number[], dtype: string, encoding: Encoding): TensorPlan {
  if (!Object.hasOwn(BYTES_PER, dtype))
    throw new UnsupportedModelError(`${name} is stored as ${dtype}. Lenslet reads F32, F16 and BF16 weights.`, {
      tensor: name,
      dtype,
    });
  const stored = dtype as StoredFloat;
  const columns = shape.at(-1) ?? 0;
  const rows = shape.length === 2 ? shape[0]! : 1;
  if ((encoding === 'q4' || encoding === 'q8') && columns % BLOCK !== 0) {
    throw new UnsupportedModelError(
      `${name} has rows of ${columns} numbers, which are no whole blocks of ${BLOCK} as ${encoding} needs. Use f16.`,
      {
        tensor: name,
        columns,
      },
    );
  }
  const rowBytes = columns * BYTES_PER[stored];
  if (rowBytes > MAX_PIECE) {
    throw new UnsupportedModelError(
      `${name} has rows of ${rowBytes} bytes; Lenslet keeps rows of up to ${MAX_PIECE}.`,
      { tensor: name, rowBytes },
    );
  }
  return { name, shape: [...shape], dtype: stored, encoding, rows, columns, transposed: false };
}

function filePlan(
  file: SourceFile,
  places: readonly { plan: TensorPlan; begin: number }[],
  pieceBytes: number,
): FilePlan {
  const pieces: Piece[] = [];
  for (const { plan, begin } of [...places].sort((a, b) => a.begin - b.begin)) {
    const rowBytes = plan.columns * BYTES_PER[plan.dtype];
    const most = Math.max(1, Math.floor(pieceBytes / rowBytes));
    for (let row = 0, index = 0; row < plan.rows; row += most, index++) {
      const rows = Math.min(most, plan.rows - row);
      pieces.push({ tensor: plan, index, rows, begin: begin + row * rowBytes, end: begin + (row + rows) * rowBytes });
    }
  }
  return { file, pieces };
}
