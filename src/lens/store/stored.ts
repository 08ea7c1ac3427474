import { DamagedStoreError, throwIfAborted } from '../api/errors';
import type { PiecedTensor, PiecedTensors, TensorPiece } from '../folders/pieces';
import type { MatrixPieces } from '../kernels/dictionary-parts';
import { noFile, sourceOf } from '../sources/reads';
import type { Source } from '../sources/source';
import type { Manifest } from './manifest';
import type { PartRef } from './parts';
import type { Store } from './store';

/** The tensors of a kept model. Reading a damaged one throws DamagedStoreError, and marks the entry incomplete. */
export function storedTensors(store: Store, manifest: Manifest): PiecedTensors {
  const tensors = new Map<string, PiecedTensor>();
  for (const [name, { shape, encoding, parts }] of Object.entries(manifest.tensors))
    tensors.set(name, { shape, encoding, pieces: parts.map((part) => storedPiece(store, part)) });
  return tensors;
}

/** The small files of a kept model: configuration, tokenizer, licence. It has no other files. */
export function storedSource(store: Store, { origin, licence, whole }: Manifest): Source {
  const name = origin.kind === 'hub' ? origin.repo : origin.kind === 'url' ? origin.url : origin.name;
  const partOf = (path: string) => (Object.hasOwn(whole, path) ? whole[path]! : null);
  return sourceOf({
    name,
    origin,
    licence,
    async stat(path) {
      const part = partOf(path);
      return part && { path, size: part.bytes, sha256: part.sha256 };
    },
    async *stream(path, begin, end, { signal } = {}) {
      throwIfAborted(signal);
      const part = partOf(path);
      if (!part) throw noFile(path, name);
      yield (await readPart(store, part)).subarray(begin, end);
      throwIfAborted(signal);
    },
    list: async () => Object.keys(whole),
  });
}

interface StoredDictionary {
  layer: number;
  d: number;
  width: number;
  k: number;
  encoder: MatrixPieces;
  decoder: MatrixPieces;
  encoderBias: Float32Array<ArrayBuffer>;
  decoderBias: Float32Array<ArrayBuffer>;
}

/** Opens a kept dictionary: reads its biases at once, its matrices later by pieces. Throws DamagedStoreError. */
export async function storedDictionary(store: Store, manifest: Manifest): Promise<StoredDictionary> {
  const { meta, tensors } = manifest;
  const record = (name: string) => {
    if (!Object.hasOwn(tensors, name)) throw incomplete(name);
    return tensors[name]!;
  };
  if (!meta) throw incomplete('dictionary');
  const { d, width } = meta;
  const matrix = (name: string): MatrixPieces => {
    const { shape, encoding, transposed, parts } = record(name);
    const [rows, columns] = transposed ? [d, width] : [width, d];
    if (encoding !== 'f16' || shape.length !== 2 || shape[0] !== rows || shape[1] !== columns) throw incomplete(name);
    return { transposed, pieces: parts.map((part) => storedPiece(store, part)) };
  };
  const vector = async (name: string, length: number): Promise<Float32Array<ArrayBuffer>> => {
    const { shape, encoding, parts } = record(name);
    const part = parts[0];
    if (encoding !== 'f32' || shape.length !== 1 || shape[0] !== length || !part) throw incomplete(name);
    return new Float32Array((await readPart(store, part)).buffer);
  };
  const [encoderBias, decoderBias] = [await vector('encoderBias', width), await vector('decoderBias', d)];
  return { ...meta, encoder: matrix('encoder'), decoder: matrix('decoder'), encoderBias, decoderBias };
}

function storedPiece(store: Store, part: PartRef & { rows: number }): TensorPiece {
  return { rows: part.rows, read: () => readPart(store, part) };
}

async function readPart(store: Store, part: PartRef): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await store.parts.read(part);
  } catch (error) {
    if (error instanceof DamagedStoreError) await store.lost(new Set([part.sha256]));
    throw error;
  }
}

function incomplete(name: string): DamagedStoreError {
  return new DamagedStoreError(
    `The kept dictionary has no ${name} of its sizes. Open the model again: it is fetched anew.`,
    { name },
  );
}
