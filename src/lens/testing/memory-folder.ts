import { MissingFileError, throwIfAborted } from '../api/errors';
import type { Folder } from '../sources/folder';

/** A folder whose files a test has in memory. Paths are relative, with `/` between folders. */
export function memoryFolder(name: string, files: Record<string, Uint8Array>): Folder {
  const byPath = new Map(Object.entries(files));
  const folder: Folder = {
    name,
    async tryRead(path, { signal, onBytes } = {}) {
      throwIfAborted(signal);
      const bytes = byPath.get(path);
      if (!bytes) return null;
      onBytes?.(bytes.length, bytes.length);
      return bytes;
    },
    async read(path, options) {
      const bytes = await folder.tryRead(path, options);
      if (!bytes)
        throw new MissingFileError(`${name} has no file ${path}. Choose the folder that holds it.`, {
          folder: name,
          path,
        });
      return bytes;
    },
    async tryReadPart(path, begin, end, options) {
      const bytes = await folder.tryRead(path, options);
      return bytes && { bytes: bytes.slice(begin, end), begin, size: bytes.length };
    },
  };
  return folder;
}
