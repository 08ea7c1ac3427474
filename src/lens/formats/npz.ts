import { CorruptFileError, MissingFileError, UnsupportedModelError } from '../api/errors';
import { readRange } from '../sources/read-range';
import { LARGEST } from '../sources/reads';
import type { Source, SourceFile, StreamOptions } from '../sources/source';
import { withFile } from './memory-file';
import { NPY_HEAD, type NpyHeader, parseNpyHeader } from './npy';
import { SIZES } from './safetensors';
import type { TorchTensor } from './torch-file';
import { openTorchZip } from './torch-zip';

/** More than any file of weights here has. Each costs two requests before its name is looked at. */
const MOST_ARRAYS = 32;

interface Npz {
  file: SourceFile;
  /** By name, without `.npy`. Positions count from the start of `file`, or of the inflated file that `source` has in its
   *  place. */
  arrays: ReadonlyMap<string, TorchTensor>;
  /** The source to read `file` from: the same one, or one that holds the inflated arrays in memory. */
  source: Source;
}

/** Finds the arrays of an `.npz` file. Stored ones (`np.savez`) are not read; deflated ones (`np.savez_compressed`)
 *  cannot be read in parts, so that all arrays of such a file are inflated into memory, up to 1 GiB. Throws
 *  MissingFileError, CorruptFileError, and UnsupportedModelError for other types, larger files and more than 32 arrays. */
export async function readNpz(source: Source, path: string, options: StreamOptions = {}): Promise<Npz> {
  const file = await source.stat(path, options);
  if (!file) throw new MissingFileError(`${source.name} has no file ${path}.`, { folder: source.name, path });
  const zip = await openTorchZip(source, file, { ...options, deflated: true });
  const names = [...zip.entries.keys()].filter((name) => name.endsWith('.npy'));
  if (names.length > MOST_ARRAYS)
    throw new UnsupportedModelError(
      `${path} holds ${names.length} arrays; a dictionary has a few, and at most ${MOST_ARRAYS} are read.`,
      { file: path, arrays: names.length },
    );
  const places = new Map<string, Awaited<ReturnType<typeof zip.locate>>>();
  for (const name of names) places.set(name, await zip.locate(name, options));
  const arrays = new Map<string, TorchTensor>();
  if ([...places.values()].every(({ deflated }) => !deflated)) {
    for (const [name, { begin, end }] of places) {
      const head = await readRange(source, file, begin, Math.min(end, begin + NPY_HEAD), options);
      arrays.set(arrayName(name), arrayOf(parseNpyHeader(head, `${path}: ${name}`), begin, end, `${path}: ${name}`));
    }
    return { file, arrays, source };
  }
  const total = names.reduce((sum, name) => sum + zip.entries.get(name)!, 0);
  if (total > LARGEST)
    throw new UnsupportedModelError(
      `${path} is compressed and holds ${total} bytes, more than the ${LARGEST} that can be read at once. Save it with np.savez.`,
      { file: path, bytes: total },
    );
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const name of names) {
    const array = await zip.read(name, LARGEST, options);
    bytes.set(array, at);
    const header = parseNpyHeader(array.subarray(0, NPY_HEAD), `${path}: ${name}`);
    arrays.set(arrayName(name), arrayOf(header, at, at + array.length, `${path}: ${name}`));
    at += array.length;
  }
  const inflated = { path, size: total, sha256: null };
  return { file: inflated, arrays, source: withFile(source, inflated, bytes) };
}

const arrayName = (name: string) => name.slice(0, -'.npy'.length);

/** The numbers between the header and the end; there must be as many as the shape says. */
function arrayOf(
  { dtype, shape, byColumns, dataStart }: NpyHeader,
  begin: number,
  end: number,
  name: string,
): TorchTensor {
  const bytes = shape.reduce((product, n) => product * n, SIZES[dtype]!);
  if (end - begin - dataStart !== bytes)
    throw new CorruptFileError(
      `${name} has ${end - begin - dataStart} bytes of numbers, and its shape [${shape.join(', ')}] asks for ${bytes}. Download it again.`,
      { file: name },
    );
  if (byColumns && shape.length !== 2)
    throw new UnsupportedModelError(`${name} has ${shape.length} dimensions in Fortran's order. Save it in C's.`, {
      file: name,
    });
  return { dtype, shape, begin: begin + dataStart, end, byColumns };
}
