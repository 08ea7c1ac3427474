import type { Origin } from '../api/model';
import type { Folder } from './folder';

/** A file of a source before any of it is read. */
export interface SourceFile {
  path: string;
  size: number;
  /** Of its content in lower-case hex, where the source states it: what was read is compared with it. */
  sha256: string | null;
}

export interface StreamOptions {
  signal?: AbortSignal;
}

/** The files of a model, a dictionary or a pair, wherever they lie: a repository, an address, a picked folder, a disk,
 *  this browser's store. Small files are read whole, of large ones parts; the readers of formats know no other way. */
export interface Source extends Folder {
  readonly origin: Origin;
  /** The licence as the source names it; null where it names none. */
  readonly licence: string | null;
  /** Null where there is no such file. Throws AccessDeniedError, RateLimitedError, MissingFileError. */
  stat(path: string, options?: StreamOptions): Promise<SourceFile | null>;
  /** The bytes [begin, end) of a file, exactly so many and in order, in pieces of any size. A connection that breaks is
   *  taken up again where it broke, a few times with growing pauses; then it throws MissingFileError.
   *  AccessDeniedError, RateLimitedError (after its pauses) and AbortedError are thrown as they come. */
  stream(path: string, begin: number, end: number, options?: StreamOptions): AsyncIterable<Uint8Array>;
  /** Paths of all its files, where the source can tell: the Hub and a picked folder can, a bare address cannot and has
   *  no such method. A caller that has none asks for the paths it could mean by `stat`. Throws what `stat` throws. */
  list?(options?: StreamOptions): Promise<string[]>;
}
