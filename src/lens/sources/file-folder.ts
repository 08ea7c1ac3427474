import { open, readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { MissingFileError, throwIfAborted } from '../api/errors';
import type { Folder } from './folder';

/** A folder on disk, for Node. Files outside of it are refused, links in it are followed. */
export function fileFolder(directory: string): Folder {
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

  const folder: Folder = {
    name: directory,
    async tryRead(path, { signal, onBytes } = {}) {
      const bytes = await reading(path, signal, async (file) => new Uint8Array(await readFile(file, { signal })));
      if (bytes) onBytes?.(bytes.length, bytes.length);
      return bytes;
    },
    async read(path, options) {
      const bytes = await folder.tryRead(path, options);
      if (!bytes)
        throw new MissingFileError(`There is no ${path} in ${directory}. Check that it is a model folder.`, {
          folder: directory,
          path,
        });
      return bytes;
    },
    async tryReadPart(path, begin, end, { signal, onBytes } = {}) {
      const part = await reading(path, signal, async (file) => {
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
      if (part) onBytes?.(part.bytes.length, part.bytes.length);
      return part;
    },
  };
  return folder;
}
