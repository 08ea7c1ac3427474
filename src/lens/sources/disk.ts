import { open, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { MissingFileError, throwIfAborted } from '../api/errors';
import { noFile, sourceOf } from './reads';
import type { Source } from './source';

/** Bytes read from the disk at a time. */
const PIECE = 4 << 20;

/** A folder on disk, for Node. Refuses paths outside the folder, and follows links inside it. */
export function fileFolder(directory: string): Source {
  const locate = (path: string): string => {
    if (isAbsolute(path) || path.split(/[\\/]/).includes('..'))
      throw new MissingFileError(`${path} is outside ${directory}. A model's files are in its folder.`, {
        folder: directory,
        path,
      });
    return join(directory, path);
  };

  /** Null where there is no such file. */
  const reading = async <T>(
    path: string,
    signal: AbortSignal | undefined,
    read: (file: string) => Promise<T>,
  ): Promise<T | null> => {
    throwIfAborted(signal);
    try {
      return await read(locate(path));
    } catch (error) {
      throwIfAborted(signal);
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      if (error instanceof MissingFileError) throw error;
      throw new MissingFileError(`${path} in ${directory} could not be read (${message}).`, {
        folder: directory,
        path,
      });
    }
  };

  const slice = (path: string, begin: number, end: number, signal?: AbortSignal) =>
    reading(path, signal, async (file) => {
      const handle = await open(file);
      try {
        const { size } = await handle.stat();
        const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - begin));
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, begin);
        return { bytes: bytes.subarray(0, bytesRead), begin, size };
      } finally {
        await handle.close();
      }
    });

  return sourceOf({
    name: directory,
    origin: { kind: 'picked', name: directory },
    licence: null,
    stat: (path, { signal } = {}) =>
      reading(path, signal, async (file) => ({ path, size: (await stat(file)).size, sha256: null })),
    async *stream(path, begin, end, { signal } = {}) {
      for (let at = begin; at < end; at += PIECE) {
        const part = await slice(path, at, Math.min(end, at + PIECE), signal);
        if (!part) throw noFile(path, directory);
        yield part.bytes;
      }
    },
    async tryRead(path, { signal, onBytes } = {}) {
      const bytes = await reading(path, signal, async (file) => new Uint8Array(await readFile(file, { signal })));
      if (bytes) onBytes?.(bytes.length, bytes.length);
      return bytes;
    },
    async tryReadPart(path, begin, end, { signal, onBytes } = {}) {
      const part = await slice(path, begin, end, signal);
      if (part) onBytes?.(part.bytes.length, part.bytes.length);
      return part;
    },
  });
}
