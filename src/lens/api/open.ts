/** How a model is opened. */

import type { DictionaryFormat, SourceRequest, WeightFormat } from './model';

export type Provider = 'webgpu' | 'wasm';

export interface Progress {
  /** `wait`: another tab fetches the same. `download`: a large model's or dictionary's files, converted and kept as
   *  they come; `upload`: kept parts to the GPU. */
  stage: 'config' | 'tokenizer' | 'weights' | 'wait' | 'download' | 'dictionary' | 'upload' | 'compile' | 'probe';
  loaded: number; // bytes, of this stage
  total: number; // bytes, 0 where unknown
}

export interface OpenOptions {
  onProgress?: (p: Progress) => void;
  sites?: number[];
  provider?: 'auto' | Provider;
  signal?: AbortSignal;
  /** `auto` (default): f32 up to 64 million parameters, q4 above. Anything but f32 needs WebGPU and this browser's
   *  store. */
  format?: 'auto' | WeightFormat;
  /** Where dictionaries are that are not in the model's folder: `Owner/name` of the Hub, or any other source, with
   *  Qwen-Scope's `layer{n}.sae.pt` or SAELens folders. `sites` then says which layers are opened; the middle one by
   *  default. */
  dictionary?: string | SourceRequest;
  dictionaryFormat?: DictionaryFormat; // f16 by default
  /** Active features a token, of dictionaries that do not say so themselves: neither by a cfg.json nor by a name that
   *  ends as `…-L0_50`. */
  k?: number;
  /** Of a model, and of a dictionary, that is named as `Owner/name`. */
  hub?: { revision?: string; dictionaryRevision?: string; endpoint?: string; token?: string };
}
