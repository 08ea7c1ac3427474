/** A request to open a model, in the one form that page, worker and engine share. Plain data throughout. */

import type { DictionaryFormat, HubSource, PickedFolder, WeightFormat } from './model';
import type { OpenOptions } from './open';

/** The name of a model, or of a dictionary beside it. */
export type ModelRef =
  | ({ kind: 'hub' } & HubSource)
  /** The address of a folder. */
  | { kind: 'url'; url: string }
  | { kind: 'picked'; folder: PickedFolder }
  /** The entry of this browser's store with that `KeptEntry.key`; `name` is the page's name for it. Damaged parts are
   *  fetched again from the Hub at `endpoint`, with `token`. */
  | ({ kind: 'kept'; key: string; name?: string } & Pick<HubSource, 'endpoint' | 'token'>);

/** Any model but a kept one, which needs no source. */
export type SourceRef = Exclude<ModelRef, { kind: 'kept' }>;

export interface OpenRequest {
  model: ModelRef;
  /** Without it, dictionaries are looked for in the model's own folder. */
  dictionary?: ModelRef;
  /** The folders of a trained pair's halves, in any order, or one that holds both. Without it, a pair is looked for in
   *  the model's own folder. */
  verbalizer?: SourceRef[];
  /** Layers whose dictionaries are opened; by default the middle one. */
  sites?: number[];
  /** By default the model's size and what it runs on decide; see `OpenOptions.format`. */
  format?: WeightFormat;
  /** Default: `f16`. */
  dictionaryFormat?: DictionaryFormat;
  provider?: OpenOptions['provider'];
  /** As in `OpenOptions`. */
  k?: number;
  /** As in `OpenOptions`. */
  folders?: string[];
}

/** The callback and the signal of an opening, which do not cross to a worker. */
export type Following = Pick<OpenOptions, 'onProgress' | 'signal'>;

export type Opening = OpenRequest & Following;
