/** Where a model's files come from. One interface; an HTTP folder here, others beside it. */
export interface Folder {
  /** Shown to the user and in errors. */
  readonly name: string;
  /** Bytes of a file. Throws MissingFileError, AbortedError. `onBytes` gets (loaded, total), total 0 where unknown. */
  read(path: string, options?: ReadOptions): Promise<Uint8Array>;
  /** The same, or null where there is no such file (404); other failures still throw. */
  tryRead(path: string, options?: ReadOptions): Promise<Uint8Array | null>;
}

export interface ReadOptions {
  signal?: AbortSignal;
  onBytes?: (loaded: number, total: number) => void;
}
