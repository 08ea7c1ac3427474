/** The sources of models, and the models that this browser keeps. Plain data throughout. */

/** A repository of the Hub, or of a mirror with the Hub's addresses. */
export interface HubSource {
  /** `Owner/name`. */
  repo: string;
  /** Branch, tag or commit; default `main`. It is resolved to a commit before anything is read. */
  revision?: string;
  /** Default: `https://huggingface.co`. */
  endpoint?: string;
  /** Sent to `endpoint` alone, kept in memory only, never written anywhere. */
  token?: string;
}

/** Files of a folder that was picked or dropped, by their paths in it. */
export interface PickedFolder {
  name: string;
  files: { path: string; file: File }[];
}

/** A model, or a dictionary beside it: a repository, a picked folder, the address of a folder, or the key of an entry
 *  in this browser's store (`KeptEntry.key`). */
export type SourceRequest = { hub: HubSource } | { picked: PickedFolder } | { url: string } | { kept: string };

/** The lasting identity of a source, once it is known: the same origin has the same files. */
export type Origin =
  /** `revision`: the commit, 40 hex digits; `asked`: the branch, tag or commit that the request named. */
  | { kind: 'hub'; endpoint: string; repo: string; revision: string; asked: string }
  | { kind: 'url'; url: string }
  | { kind: 'picked'; name: string };

/** How a model's matrices are kept: `f32` as float32 in memory (small models only), the others in this browser's store.
 *  Symmetric blocks of 32 for q4 and q8 (formats/quantise.ts); with q4 the embedding and unembedding are q8. Norms
 *  and biases are float32 always. */
export type WeightFormat = 'f32' | 'f16' | 'q8' | 'q4';

/** How a dictionary's matrices lie on the GPU; they are kept as f16 either way. `int8` has a scale per feature. */
export type DictionaryFormat = 'f16' | 'int8';

/** One model or dictionary in this browser's store. */
export interface KeptEntry {
  key: string;
  kind: 'model' | 'dictionary';
  origin: Origin;
  /** The format of a model, or `layer{n}` for a dictionary; `layer{n} in {folder}` where its folder was asked for. */
  detail: string;
  /** False after an interrupted download, which will go on where it stopped. */
  complete: boolean;
  /** Bytes on this disk. */
  bytes: number;
  /** Bytes of the source's files: read so far, and in all. */
  read: number;
  total: number;
  /** Milliseconds since 1970. */
  opened: number;
}

export interface StoreUsage {
  /** Bytes, as the browser estimates them for this site. */
  used: number;
  quota: number;
  /** The browser promises not to clear it by itself. */
  persisted: boolean;
}

export interface StoreProgress {
  loaded: number;
  total: number;
}

/** The large models and dictionaries that this browser keeps. Works in a page and in a worker; several tabs may use it
 *  at once. */
export interface LensStore {
  list(): Promise<KeptEntry[]>;
  usage(): Promise<StoreUsage>;
  /** Reads every part of an entry and compares it with its SHA-256; resolves to how many were damaged. Damaged parts
   *  are removed, and fetched again when the entry is opened next. */
  verify(key: string, options?: { signal?: AbortSignal; onProgress?: (p: StoreProgress) => void }): Promise<number>;
  /** Resolves to the bytes freed. Throws StoreBusyError while another tab downloads into the store or reads from it. */
  remove(key: string): Promise<number>;
}
