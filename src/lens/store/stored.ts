import { DamagedStoreError, throwIfAborted } from '../api/errors';
import { type DictionaryAbout, type SiteInfo, UNSTATED } from '../api/site';
import { folderOf } from '../folders/dictionary-list';
import { NO_FOLD } from '../folders/dictionary-plan';
import { type Folded, FoldSums, foldVectors, type StoredRows, type StoredVectors } from '../folders/fold';
import type { PiecedTensor, PiecedTensors, TensorPiece } from '../folders/pieces';
import { asUint16 } from '../formats/halves';
import type { MatrixPieces } from '../kernels/dictionary-parts';
import { noFile, sourceOf } from '../sources/reads';
import type { Source, StreamOptions } from '../sources/source';
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

/** The small files of a kept entry: a model's configuration, tokenizer, licence, and what lies beside a dictionary. It has
 *  no other files. */
export function storedSource(store: Store, { origin, licence, whole }: Manifest): Source {
  const name = origin.kind === 'hub' ? origin.repo : origin.kind === 'url' ? origin.url : origin.name;
  // Their bytes are hashed on the first reading alone: feature data is read a few numbers at a time.
  const checked = new Set<string>();
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
      if (checked.has(path)) yield await orLost(store, part, () => store.parts.slice(part, begin, end));
      else {
        const bytes = await readPart(store, part);
        checked.add(path);
        yield bytes.subarray(begin, end);
      }
      throwIfAborted(signal);
    },
    list: async () => Object.keys(whole),
  });
}

/** What tells a kept dictionary and where the files beside it lie; `folder` is null without any. */
export function describeStored(
  store: Store,
  manifest: Manifest,
): Pick<SiteInfo, 'layer' | 'width' | 'k' | 'activation' | 'sha256'> & {
  d: number;
  source: Source;
  folder: string | null;
} {
  const { meta, hashes, files } = manifest;
  if (!meta) throw incomplete('dictionary');
  const { layer, d, width, k, activation, copied, beside } = meta;
  return {
    ...{ layer, d, width, k, activation: activation?.kind ?? 'topk', source: storedSource(store, manifest) },
    sha256: copied ? null : (Object.values(hashes)[0] ?? null),
    folder: beside?.length ? folderOf(files[0]?.path ?? '') : null,
  };
}

interface StoredDictionary extends Folded {
  layer: number;
  d: number;
  width: number;
  k: number;
  about: DictionaryAbout;
  notices: readonly string[];
  encoder: MatrixPieces;
  decoder: MatrixPieces;
}

/** Opens a kept dictionary: reads its vectors at once and folds them, its matrices later by pieces. Where the fold needs
 *  sums over a matrix, all its pieces are read here too: of the very halves that are uploaded. Throws
 *  DamagedStoreError, CorruptFileError as `foldVectors`, AbortedError. */
export async function storedDictionary(
  store: Store,
  manifest: Manifest,
  { signal }: StreamOptions = {},
): Promise<StoredDictionary> {
  const { meta, tensors } = manifest;
  const record = (name: string) => {
    if (!Object.hasOwn(tensors, name)) throw incomplete(name);
    return tensors[name]!;
  };
  if (!meta) throw incomplete('dictionary');
  const { layer, d, width, k } = meta;
  const matrix = (name: string): MatrixPieces => {
    const { shape, encoding, transposed, parts } = record(name);
    const [rows, columns] = transposed ? [d, width] : [width, d];
    if (encoding !== 'f16' || shape.length !== 2 || shape[0] !== rows || shape[1] !== columns) throw incomplete(name);
    return { transposed, pieces: parts.map((part) => storedPiece(store, part)) };
  };
  const vector = async (name: string, length: number): Promise<Float32Array> => {
    const { shape, encoding, parts } = record(name);
    const part = parts[0];
    if (encoding !== 'f32' || shape.length !== 1 || shape[0] !== length || !part) throw incomplete(name);
    return new Float32Array((await readPart(store, part)).buffer);
  };
  const vectors: StoredVectors = {
    encoderBias: await vector('encoderBias', width),
    decoderBias: await vector('decoderBias', d),
  };
  for (const name of ['threshold', 'magnitude', 'gateBias'] as const)
    if (Object.hasOwn(tensors, name)) vectors[name] = await vector(name, width);
  const matrices = { encoder: matrix('encoder'), decoder: matrix('decoder') };
  const activation = meta.activation ?? ({ kind: 'topk', k } as const);
  const fold = meta.fold ?? NO_FOLD;
  const sums = new FoldSums(meta, fold, vectors.decoderBias);
  if (sums.products) await eachPiece(matrices.encoder, (rows) => sums.encoder(rows), signal);
  if (sums.squares) await eachPiece(matrices.decoder, (rows) => sums.decoder(rows), signal);
  const folded = foldVectors({ width, activation, fold }, vectors, sums, Object.keys(manifest.hashes)[0] ?? '');
  const { about, notices } = meta;
  return { layer, d, width, k, about: about ?? UNSTATED, notices: notices ?? [], ...matrices, ...folded };
}

async function eachPiece(
  { transposed, pieces }: MatrixPieces,
  take: (rows: StoredRows) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  let first = 0;
  for (const piece of pieces) {
    throwIfAborted(signal);
    take({ numbers: asUint16(await piece.read()), first, transposed });
    first += piece.rows;
  }
}

function storedPiece(store: Store, part: PartRef & { rows: number }): TensorPiece {
  return { rows: part.rows, read: () => readPart(store, part) };
}

const readPart = (store: Store, part: PartRef): Promise<Uint8Array<ArrayBuffer>> =>
  orLost(store, part, () => store.parts.read(part));

/** Notes a part that turns out damaged. */
async function orLost<T>(store: Store, part: PartRef, reading: () => Promise<T>): Promise<T> {
  try {
    return await reading();
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
