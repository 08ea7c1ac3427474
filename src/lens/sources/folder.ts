/** A folder that the caller implements. The library itself reads a `Source`, which offers more. */
export interface Folder {
  /** Shown to the user and in errors. */
  readonly name: string;
  /** Bytes of a file. Throws MissingFileError, AbortedError. `onBytes` gets (loaded, total), total 0 where unknown. */
  read(path: string, options?: ReadOptions): Promise<Uint8Array>;
  /** Like `read`, but null if there is no such file (404); other failures still throw. */
  tryRead(path: string, options?: ReadOptions): Promise<Uint8Array | null>;
  /** Bytes [begin, end) of a file, 0 <= begin < end. Returns fewer if the file ends earlier, the whole file if the
   *  source gives no parts, null if there is no such file. */
  tryReadPart(path: string, begin: number, end: number, options?: ReadOptions): Promise<FilePart | null>;
}

export interface FilePart {
  bytes: Uint8Array;
  /** Position of `bytes` in the file: as asked, or 0 for a whole file. */
  begin: number;
  /** Length of the file; null if the source does not state it. */
  size: number | null;
}

export interface ReadOptions {
  signal?: AbortSignal;
  onBytes?: (loaded: number, total: number) => void;
  /** Most bytes of a file that is read whole; a longer file throws CorruptFileError. */
  most?: number;
}
