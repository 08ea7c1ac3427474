import type { Gpu } from '../engine/device';

/** Where a kept model opens: on a GPU, or on WebAssembly. */
export interface Place {
  gpu: Gpu | null;
  /** The GPU's name, or why there is none. */
  adapter: string;
  /** Sentences on how it came to be this place. */
  notices: readonly string[];
}
