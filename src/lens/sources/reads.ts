import { CorruptFileError, MissingFileError } from '../api/errors';
import type { Folder, ReadOptions } from './folder';
import { refuseLfsPointer } from './lfs';
import type { Source, SourceFile } from './source';

/** The expected hash of a file read whole; `git`: git's name of the blob, SHA-1 over its length and bytes. */
interface Checksum {
  kind: 'sha256' | 'git';
  hex: string;
}

/** Most bytes of a file read whole into memory; larger files must be streamed. */
export const LARGEST = 2 ** 30;

/** The parts of a source that each kind implements itself. */
type Kind = Pick<Source, 'name' | 'origin' | 'licence' | 'stat' | 'stream'> &
  Partial<Pick<Source, 'list' | 'tryRead' | 'tryReadPart'>>;

/** Completes a kind of source: reads that it lacks are made from `stat` and `stream`. Compares files read whole with
 *  `checksum`; parts cannot be compared. Every way to a file's first bytes throws LfsPointerError for a pointer. */
export function sourceOf(kind: Kind, checksum: (file: SourceFile) => Checksum | null = () => null): Source {
  const { name } = kind;
  const whole: Source['tryRead'] = async (path, options = {}) => {
    const file = await kind.stat(path, options);
    if (!file) return null;
    refuseLonger(path, file.size, options.most);
    if (file.size > LARGEST)
      throw new MissingFileError(`${path} in ${name} has ${file.size} bytes, too many to be read at once.`, {
        folder: name,
        path,
        size: file.size,
      });
    const expected = checksum(file);
    const hash = expected && (await startHash(expected, file.size));
    const bytes = await collect(kind, path, 0, file.size, options, hash?.update);
    if (expected && hash?.hex() !== expected.hex)
      throw new CorruptFileError(
        `${path} is not the file that ${name} lists: it was altered on its way. Load it again.`,
        { folder: name, path },
      );
    return bytes;
  };
  const partOf: Source['tryReadPart'] = async (path, begin, end, options = {}) => {
    const file = await kind.stat(path, options);
    if (!file) return null;
    const last = Math.max(begin, Math.min(end, file.size));
    const bytes = begin < last ? await collect(kind, path, begin, last, options) : new Uint8Array(0);
    return { bytes, begin, size: file.size };
  };
  const tryRead: Source['tryRead'] = async (path, options) => {
    const bytes = await (kind.tryRead ?? whole)(path, options);
    if (!bytes) return null;
    refuseLonger(path, bytes.length, options?.most);
    refuseLfsPointer(bytes, path, name);
    return bytes;
  };
  return {
    ...kind,
    tryRead,
    async tryReadPart(path, begin, end, options) {
      const part = await (kind.tryReadPart ?? partOf)(path, begin, end, options);
      if (part?.begin === 0) refuseLfsPointer(part.bytes, path, name);
      return part;
    },
    stream: (path, begin, end, options) =>
      begin === 0
        ? pointerRefused(kind.stream(path, begin, end, options), path, name)
        : kind.stream(path, begin, end, options),
    async read(path, options) {
      const bytes = await tryRead(path, options);
      if (!bytes) throw noFile(path, name);
      return bytes;
    },
  };
}

/** The pieces of a stream from a file's beginning. A first piece that is too short to tell is taken for no pointer. */
async function* pointerRefused(
  pieces: AsyncIterable<Uint8Array>,
  path: string,
  folder: string,
): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const piece of pieces) {
    if (first) refuseLfsPointer(piece, path, folder);
    first = false;
    yield piece;
  }
}

/** Throws CorruptFileError if `size` is more than `most`. */
export function refuseLonger(path: string, size: number, most = Number.POSITIVE_INFINITY): void {
  if (size > most)
    throw new CorruptFileError(`${path} has ${size} bytes, more than the ${most} that are allowed.`, { file: path });
}

/** Bytes of one request to a folder with no streaming of its own. */
const PIECE = 4 << 20;

/** Makes a source of a folder that the caller implements. */
export function sourceOfFolder(folder: Folder, known: Partial<Pick<Source, 'origin' | 'licence'>> = {}): Source {
  const { name } = folder;
  return sourceOf({
    origin: { kind: 'picked', name },
    licence: null,
    ...known,
    name,
    tryRead: (path, options) => folder.tryRead(path, options),
    tryReadPart: (path, begin, end, options) => folder.tryReadPart(path, begin, end, options),
    async stat(path, options) {
      // Two bytes: some servers answer a request for the first one with the whole file.
      const first = await folder.tryReadPart(path, 0, 2, options);
      const size = first && (first.size ?? (await folder.read(path, options)).length);
      return size === null ? null : { path, size, sha256: null };
    },
    async *stream(path, begin, end, options = {}) {
      for (let at = begin; at < end; ) {
        const found = await folder.tryReadPart(path, at, Math.min(end, at + PIECE), options);
        if (!found) throw noFile(path, name);
        // A folder may return the whole file instead of the part.
        const bytes = found.bytes.subarray(at - found.begin, end - found.begin);
        if (bytes.length === 0) return;
        at += bytes.length;
        yield bytes;
      }
    },
  });
}

/** A source for a folder inside another source. */
export function subfolder(source: Source, folder: string): Source {
  const inside = (path: string) => `${folder}/${path}`;
  const { list } = source;
  return {
    ...source,
    name: `${source.name.replace(/\/$/, '')}/${folder}`,
    read: (path, options) => source.read(inside(path), options),
    tryRead: (path, options) => source.tryRead(inside(path), options),
    tryReadPart: (path, begin, end, options) => source.tryReadPart(inside(path), begin, end, options),
    async stat(path, options) {
      const file = await source.stat(inside(path), options);
      return file && { ...file, path };
    },
    stream: (path, begin, end, options) => source.stream(inside(path), begin, end, options),
    list:
      list &&
      (async (options) =>
        (await list(options)).flatMap((path) =>
          path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [],
        )),
  };
}

export function noFile(path: string, folder: string): MissingFileError {
  return new MissingFileError(`There is no ${path} in ${folder}. Check that it holds a model.`, { folder, path });
}

/** Returns the path if it stays inside its folder, else throws MissingFileError. */
export function checkPath(path: string, folder: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const odd = /[\\\u0000-\u001f\u007f]/.test(path);
  if (odd || path.split('/').some((segment) => segment === '' || segment === '.' || segment === '..'))
    throw new MissingFileError(`${JSON.stringify(path)} is no path of a file in ${folder}.`, { folder, path });
  return path;
}

async function collect(
  source: Pick<Source, 'stream'>,
  path: string,
  begin: number,
  end: number,
  { signal, onBytes }: ReadOptions,
  hash?: (bytes: Uint8Array) => void,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - begin);
  let loaded = 0;
  for await (const piece of source.stream(path, begin, end, { signal })) {
    bytes.set(piece, loaded);
    hash?.(piece);
    loaded += piece.length;
    onBytes?.(loaded, bytes.length);
  }
  return bytes;
}

async function startHash(
  { kind }: Checksum,
  size: number,
): Promise<{ update: (bytes: Uint8Array) => void; hex: () => string }> {
  const { createSHA1, createSHA256 } = await import('hash-wasm');
  const hash = kind === 'git' ? await createSHA1() : await createSHA256();
  if (kind === 'git') hash.update(`blob ${size}\0`);
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
}
