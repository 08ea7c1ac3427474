import { sourceOf } from './reads';
import type { Source } from './source';

/** A source that reads each file whole on first use, and keeps it in memory. So a header and its data come from one
 *  answer, and the host needs neither ranges nor lengths. */
export interface HeldSource extends Source {
  /** The files read so far, by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Calls `onBytes` while it reads each file. */
export function heldSource(
  source: Source,
  onBytes?: (path: string, loaded: number, total: number) => void,
): HeldSource {
  const { name, origin, licence, list } = source;
  const files = new Map<string, Uint8Array>();
  const tryRead: Source['tryRead'] = async (path, options = {}) => {
    const known = files.get(path);
    if (known) return known;
    const bytes = await source.tryRead(path, { ...options, onBytes: (...of) => onBytes?.(path, ...of) });
    if (bytes) files.set(path, bytes);
    return bytes;
  };
  const whole = sourceOf({
    ...{ name, origin, licence, list, tryRead },
    async tryReadPart(path, _begin, _end, options) {
      const bytes = await tryRead(path, options);
      return bytes && { bytes, begin: 0, size: bytes.length };
    },
    async stat(path, options) {
      const bytes = await tryRead(path, options);
      return bytes && { path, size: bytes.length, sha256: null };
    },
    async *stream(path, begin, end, options) {
      yield (await whole.read(path, options)).subarray(begin, end);
    },
  });
  return { ...whole, files };
}
