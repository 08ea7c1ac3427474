/** A folder of the caller's own kind. The library reads folders as a `Source`, which says more. */
export interface Folder {
  /** Shown to the user and in errors. */
  readonly name: string;
  /** Bytes of a file. Throws MissingFileError, AbortedError. `onBytes` gets (loaded, total), total 0 where unknown. */
  read(path: string, options?: ReadOptions): Promise<Uint8Array>;
  /** The same, or null where there is no such file (404); other failures still throw. */
  tryRead(path: string, options?: ReadOptions): Promise<Uint8Array | null>;
  /** Bytes [begin, end) of a file, 0 <= begin < end: fewer where the file ends before, the whole file where the source
   *  gives no parts; null where there is no such file. */
  tryReadPart(path: string, begin: number, end: number, options?: ReadOptions): Promise<FilePart | null>;
}

export interface FilePart {
  bytes: Uint8Array;
  /** Where in the file `bytes` begins: as asked, or 0 for a whole file. */
  begin: number;
  /** Length of the file; null where the source does not say. */
  size: number | null;
}

export interface ReadOptions {
  signal?: AbortSignal;
  onBytes?: (loaded: number, total: number) => void;
  /** Of a file that is read whole, in bytes: a longer one throws CorruptFileError. */
  most?: number;
}
