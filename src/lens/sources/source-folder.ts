import { CorruptFileError, MissingFileError } from '../api/errors';
import type { FilePart, Folder, ReadOptions } from './folder';
import type { Source, SourceFile } from './source';

/** What a file read whole must hash to; `git`: as git names a blob, SHA-1 of its length and its bytes. */
export interface Checksum {
  kind: 'sha256' | 'git';
  hex: string;
}

/** Of a file that is read whole: a page keeps it in memory, and larger ones are streamed. */
const LARGEST = 2 ** 30;

/** The methods of a Folder for a source that can `stat` and `stream`. Files read whole are compared with `checksum`;
 *  parts cannot be. */
export function sourceFolder(
  source: Pick<Source, 'name' | 'stat' | 'stream'>,
  checksum: (file: SourceFile) => Checksum | null,
): Folder {
  const { name } = source;
  const folder: Folder = {
    name,
    async tryRead(path, options = {}) {
      const file = await source.stat(path, options);
      if (!file) return null;
      if (file.size > LARGEST)
        throw new MissingFileError(`${path} in ${name} has ${file.size} bytes, too many to be read at once.`, {
          folder: name,
          path,
          size: file.size,
        });
      const expected = checksum(file);
      const hash = expected && (await startHash(expected, file.size));
      const bytes = await collect(source, path, 0, file.size, options, hash?.update);
      if (expected && hash?.hex() !== expected.hex)
        throw new CorruptFileError(
          `${path} is not the file that ${name} lists: it was altered on its way. Load it again.`,
          { folder: name, path },
        );
      return bytes;
    },
    async read(path, options) {
      const bytes = await folder.tryRead(path, options);
      if (!bytes)
        throw new MissingFileError(`There is no ${path} in ${name}. Check that it holds a model.`, {
          folder: name,
          path,
        });
      return bytes;
    },
    async tryReadPart(path, begin, end, options = {}): Promise<FilePart | null> {
      const file = await source.stat(path, options);
      if (!file) return null;
      const last = Math.max(begin, Math.min(end, file.size));
      const bytes = begin < last ? await collect(source, path, begin, last, options) : new Uint8Array(0);
      return { bytes, begin, size: file.size };
    },
  };
  return folder;
}

/** A path that stays inside its folder. Throws MissingFileError. */
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
