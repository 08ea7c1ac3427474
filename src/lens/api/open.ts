/** How a model is opened. */

import type { DictionaryFormat, SourceRequest, WeightFormat } from './model';

export type Provider = 'webgpu' | 'wasm';

export interface Progress {
  /** `wait`: another tab is fetching the same files. `download`: files of a large model or dictionary arrive, are
   *  converted and kept. `upload`: kept parts go to the GPU. */
  stage: 'config' | 'tokenizer' | 'weights' | 'wait' | 'download' | 'dictionary' | 'upload' | 'compile' | 'probe';
  loaded: number; // bytes, of this stage
  total: number; // bytes, 0 where unknown
}

export interface OpenOptions {
  onProgress?: (p: Progress) => void;
  sites?: number[];
  provider?: 'auto' | Provider;
  signal?: AbortSignal;
  /** `auto` (default): f32 up to 64 million parameters. Above, f16 on WebAssembly, and on a GPU that computes with it for
   *  weights of up to 1 GB; else q8. Never q4: features are read from residuals, which it changes more
   *  (docs/quantisation.md). Anything but f32 needs this browser's store; WebAssembly computes with it in float32. */
  format?: 'auto' | WeightFormat;
  /** The source of dictionaries outside the model's folder: `Owner/name` of the Hub, or any other source. It holds
   *  dictionaries in any of the forms of docs/dictionaries.md. `sites` then names the layers to open; by default the middle
   *  one. */
  dictionary?: string | SourceRequest;
  /** The folders of that source, or of the model's own dictionaries, to look in, with all that lies in them; `''` is its
   *  own folder alone. By default all. A source with several dictionaries of a layer needs them (AmbiguousDictionaryError),
   *  and so does an address, which cannot be listed, for folders that its `sae/index.json` does not name. */
  folders?: string[];
  /** A trained pair that puts vectors into words (docs/guide.md): the folders of its two halves, in any order, or one
   *  that holds both, each with nla_meta.yaml at its top. By default the pair in the model's folder. */
  verbalizer?: string | SourceRequest | readonly (string | SourceRequest)[];
  dictionaryFormat?: DictionaryFormat; // f16 by default; on WebAssembly dictionaries are float32
  /** Active features a token, for a dictionary that states them neither in a cfg.json nor in a name that ends as
   *  `…-L0_50`. */
  k?: number;
  /** Applies to a model or dictionary named as `Owner/name`; `endpoint` and `token` also apply to a kept one. */
  hub?: { revision?: string; dictionaryRevision?: string; endpoint?: string; token?: string };
}
