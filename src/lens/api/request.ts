/** What is asked to be opened, in the one form that page, worker and engine share. Plain data throughout. */

import type { DictionaryFormat, HubSource, PickedFolder, WeightFormat } from './model';
import type { OpenOptions } from './open';

/** The name of a model, or of a dictionary beside it. */
export type ModelRef =
  | ({ kind: 'hub' } & HubSource)
  /** The address of a folder. */
  | { kind: 'url'; url: string }
  | { kind: 'picked'; folder: PickedFolder }
  /** What this browser's store has under `KeptEntry.key`; `name` is what a page calls it. `endpoint` and `token` are of
   *  the Hub that damaged parts are fetched from again. */
  | ({ kind: 'kept'; key: string; name?: string } & Pick<HubSource, 'endpoint' | 'token'>);

/** Everything but what is kept already, which needs no source. */
export type SourceRef = Exclude<ModelRef, { kind: 'kept' }>;

export interface OpenRequest {
  model: ModelRef;
  /** Without it, dictionaries are looked for in the model's own folder. */
  dictionary?: ModelRef;
  /** Layers whose dictionaries are opened: the middle one where it is not said. */
  sites?: number[];
  /** By the model's size where it is not said. */
  format?: WeightFormat;
  /** `f16` where it is not said. */
  dictionaryFormat?: DictionaryFormat;
  provider?: OpenOptions['provider'];
  /** As in `OpenOptions`. */
  k?: number;
}

/** How an opening is followed and stopped: what does not cross to a worker. */
export type Following = Pick<OpenOptions, 'onProgress' | 'signal'>;

export type Opening = OpenRequest & Following;
