import { CorruptFileError, DamagedStoreError, ShapeMismatchError, UnsupportedModelError } from '../api/errors';
import type { WeightFormat } from '../api/model';
import type { PiecedTensor, PiecedTensors } from '../folders/pieces';
import { BLOCK } from '../formats/quantise';
import { encodingOf, type TensorShape } from '../graph/tensors';

/** Looks up a tensor that a model of this format needs. Throws CorruptFileError if it is missing, ShapeMismatchError for
 *  another shape, DamagedStoreError for other rows or another encoding, UnsupportedModelError for rows that are no whole
 *  blocks. Reads nothing. */
export function keptTensor(tensors: PiecedTensors, wanted: TensorShape, format: WeightFormat): PiecedTensor {
  const { name, shape } = wanted;
  const kept = tensors.get(name);
  if (!kept) throw missingTensor(name);
  expectShape(name, kept.shape, shape);
  const encoding = encodingOf(format, wanted);
  const rows = kept.pieces.reduce((sum, piece) => sum + piece.rows, 0);
  if (kept.encoding !== encoding || rows !== (shape.length === 1 ? 1 : shape[0])) {
    const told = `${rows} rows as ${kept.encoding}`;
    throw new DamagedStoreError(
      `${name} is kept with ${told}; ${format} needs [${shape.join(', ')}] as ${encoding}. Remove the model and open it again.`,
      {
        tensor: name,
      },
    );
  }
  const columns = shape[1] ?? BLOCK;
  if (encoding !== 'f32' && columns % BLOCK !== 0) {
    throw new UnsupportedModelError(`${name} has rows of ${columns} numbers; ${format} needs a multiple of ${BLOCK}.`, {
      tensor: name,
      columns,
    });
  }
  return kept;
}

export function expectShape(name: string, shape: readonly number[], expected: readonly number[]): void {
  if (shape.length === expected.length && shape.every((n, i) => n === expected[i])) return;
  throw new ShapeMismatchError(
    `${name} is kept with shape [${shape.join(', ')}], but the configuration asks for [${expected.join(', ')}]. Weights and configuration are of different models.`,
    { tensor: name, shape, expected },
  );
}

/** Throws DamagedStoreError unless a piece of a tensor has the bytes that its rows take. */
export function expectBytes(name: string, have: number, bytes: number): void {
  if (have === bytes) return;
  throw new DamagedStoreError(
    `A kept part of ${name} has ${have} bytes and should have ${bytes}. Open the model again to fetch it anew.`,
    {
      tensor: name,
    },
  );
}

export function missingTensor(name: string): CorruptFileError {
  return new CorruptFileError(`What is kept of this model has no tensor ${name}, which it needs.`, { tensor: name });
}
