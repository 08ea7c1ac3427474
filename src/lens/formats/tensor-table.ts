import { CorruptFileError, MissingFileError } from '../api/errors';
import { readRange } from '../sources/read-range';
import type { Source, SourceFile, StreamOptions } from '../sources/source';
import { parseJson } from './json';
import { dataStartOf, parseHeader } from './safetensors';
import { INDEX, parseIndex, SINGLE } from './shard-index';

/** Where a tensor of a checkpoint lies: positions in the file, header included. */
export interface TensorPlace {
  file: string;
  /** As stored: 'F32', 'F16', 'BF16', … */
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

/** What a checkpoint holds, and where, without a byte of the weights. */
export interface TensorTable {
  /** The weights' files, in the order of their names. */
  files: SourceFile[];
  /** By the checkpoint's names. No two overlap, and each lies within its file. */
  tensors: ReadonlyMap<string, TensorPlace>;
}

/** Read at once, which is the whole header of a checkpoint with some hundred tensors. */
const HEAD = 64 * 1024;
const MAX_INDEX = 50_000_000;

/** The tensors of `model.safetensors`, or of the shards that `model.safetensors.index.json` names: their headers are
 *  read and nothing else. A shard's tensors that the index does not name are left out, as other readers leave them.
 *  Throws MissingFileError, CorruptFileError naming file, tensor and reason. */
export async function readTensorTable(source: Source, options: StreamOptions = {}): Promise<TensorTable> {
  const single = await source.stat(SINGLE, options);
  if (single) return { files: [single], tensors: await readHeader(source, single, options) };
  const index = await source.stat(INDEX, options);
  if (!index) {
    throw new MissingFileError(
      `${source.name} has neither ${SINGLE} nor ${INDEX}. Check that it is a model with safetensors weights.`,
      {
        folder: source.name,
      },
    );
  }
  if (index.size > MAX_INDEX)
    throw new CorruptFileError(`${INDEX} has ${index.size} bytes, more than the ${MAX_INDEX} that are allowed.`, {
      file: INDEX,
    });
  const { map } = parseIndex(parseJson(await readRange(source, index, 0, index.size, options), INDEX), INDEX);
  const files: SourceFile[] = [];
  const tensors = new Map<string, TensorPlace>();
  for (const shard of [...new Set(map.values())].sort()) {
    const file = await source.stat(shard, options);
    if (!file)
      throw new MissingFileError(`${source.name} has no ${shard}, which ${INDEX} names.`, {
        folder: source.name,
        path: shard,
      });
    files.push(file);
    for (const [name, place] of await readHeader(source, file, options)) {
      const named = map.get(name);
      if (named === undefined) continue;
      if (named !== shard)
        throw misplaced(name, `${INDEX} says that ${name} is in ${named}, and ${shard} holds it`, shard);
      tensors.set(name, place);
    }
  }
  for (const [name, shard] of map)
    if (!tensors.has(name)) throw misplaced(name, `${shard} does not hold ${name}, as ${INDEX} says it does`, shard);
  return { files, tensors };
}

/** The tensors of one safetensors file, by its header. Throws CorruptFileError. */
export async function readHeader(
  source: Source,
  file: SourceFile,
  options: StreamOptions,
): Promise<Map<string, TensorPlace>> {
  const { path, size } = file;
  const head = await readRange(source, file, 0, Math.min(size, HEAD), options);
  const dataStart = dataStartOf(head, path);
  if (dataStart > size) {
    throw new CorruptFileError(
      `${path} is damaged: its header needs ${dataStart} bytes and the file has ${size}. Download it again.`,
      {
        file: path,
      },
    );
  }
  let header = head.subarray(8, dataStart);
  if (dataStart > head.length) {
    const whole = new Uint8Array(dataStart - 8);
    whole.set(header);
    whole.set(await readRange(source, file, head.length, dataStart, options), header.length);
    header = whole;
  }
  const { entries } = parseHeader(header, size - dataStart, path);
  return new Map(
    Array.from(entries, ([name, { dtype, shape, begin, end }]) => [
      name,
      { file: path, dtype, shape, begin: dataStart + begin, end: dataStart + end },
    ]),
  );
}

function misplaced(tensor: string, why: string, file: string): CorruptFileError {
  return new CorruptFileError(`${why}. Download both again.`, { file, tensor });
}
