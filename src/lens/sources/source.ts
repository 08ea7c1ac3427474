import type { Origin } from '../api/model';
import type { Folder } from './folder';

/** A file of a source, before any byte of it is read. */
export interface SourceFile {
  path: string;
  size: number;
  /** SHA-256 of the content in lower-case hex, if the source states it; the bytes read are compared with it. */
  sha256: string | null;
}

export interface StreamOptions {
  signal?: AbortSignal;
}

/** The files of a model, a dictionary or a pair, wherever they lie: a repository, an address, a picked folder, a disk,
 *  this browser's store. Small files are read whole, large files in parts; format readers read in no other way. */
export interface Source extends Folder {
  readonly origin: Origin;
  /** The licence as the source names it, else null. */
  readonly licence: string | null;
  /** Null where there is no such file. Throws AccessDeniedError, RateLimitedError, MissingFileError. */
  stat(path: string, options?: StreamOptions): Promise<SourceFile | null>;
  /** Yields exactly the bytes [begin, end) of a file, in order, in pieces of any size. After a broken connection it
   *  continues at the same byte, a few times with growing pauses, then throws MissingFileError. Throws
   *  AccessDeniedError, RateLimitedError (after its pauses) and AbortedError at once. */
  stream(path: string, begin: number, end: number, options?: StreamOptions): AsyncIterable<Uint8Array>;
  /** Paths of all files. The Hub and a picked folder have this method; a bare address cannot be listed and lacks it.
   *  Without it, a caller tries the paths it needs with `stat`. Throws what `stat` throws. */
  list?(options?: StreamOptions): Promise<string[]>;
}
