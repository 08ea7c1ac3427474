import { throwIfAborted } from '../api/errors';
import type { Origin } from '../api/model';
import { noFile, sourceOf } from '../sources/reads';
import type { Source } from '../sources/source';

export interface MemorySource extends Source {
  /** Every range that was read, in order: what a test holds against a reader that takes more than it needs. */
  readonly reads: { path: string; begin: number; end: number }[];
}

interface MemorySourceOptions {
  name?: string;
  origin?: Origin;
  /** By path; files without one have none. */
  sha256?: Record<string, string>;
  /** False: a source that cannot be listed, like a bare address. */
  listed?: boolean;
  /** Bytes that `stream` hands out at a time. */
  piece?: number;
}

/** A source whose files a test has in memory. Reading outside of a file is the test's failure, not the file's: it
 *  throws a plain RangeError. */
export function memorySource(files: Record<string, Uint8Array>, options: MemorySourceOptions = {}): MemorySource {
  const { name = 'memory', origin = { kind: 'picked', name }, sha256 = {}, listed = true, piece = 64 * 1024 } = options;
  const byPath = new Map(Object.entries(files));
  const reads: MemorySource['reads'] = [];
  const within = (path: string, begin: number, end: number): void => {
    reads.push({ path, begin, end });
    const size = byPath.get(path)?.length ?? 0;
    if (
      byPath.has(path) &&
      !(Number.isSafeInteger(begin) && Number.isSafeInteger(end) && begin >= 0 && begin <= end && end <= size)
    )
      throw new RangeError(`${path} has ${size} bytes, and [${begin}, ${end}) was read`);
  };
  return {
    ...sourceOf({
      name,
      origin,
      licence: null,
      async tryRead(path, { signal, onBytes } = {}) {
        throwIfAborted(signal);
        const bytes = byPath.get(path);
        if (!bytes) return null;
        onBytes?.(bytes.length, bytes.length);
        return bytes;
      },
      async tryReadPart(path, begin, end, { signal } = {}) {
        throwIfAborted(signal);
        const bytes = byPath.get(path);
        if (!bytes) return null;
        const last = Math.max(begin, Math.min(end, bytes.length));
        reads.push({ path, begin, end: last });
        return { bytes: bytes.slice(begin, last), begin, size: bytes.length };
      },
      async stat(path, { signal } = {}) {
        throwIfAborted(signal);
        const bytes = byPath.get(path);
        return bytes ? { path, size: bytes.length, sha256: sha256[path] ?? null } : null;
      },
      async *stream(path, begin, end, { signal } = {}) {
        const bytes = byPath.get(path);
        if (!bytes) throw noFile(path, name);
        within(path, begin, end);
        for (let at = begin; at < end; at += piece) {
          throwIfAborted(signal);
          yield bytes.slice(at, Math.min(end, at + piece));
        }
      },
      ...(listed
        ? {
            async list({ signal }: { signal?: AbortSignal } = {}) {
              throwIfAborted(signal);
              return [...byPath.keys()];
            },
          }
        : {}),
    }),
    reads,
  };
}
