import { SiteUnavailableError } from '../api/errors';
import type { Site } from '../dictionary/site';
import type { Model } from './model';
import type { Queue } from './queue';
import type { Tokenizer } from './tokenizer';

/** What an open lens is made of. */
export interface Engine {
  model: Model;
  sites: Site[];
  tokenizer: Tokenizer;
  queue: Queue;
  /** Largest vocabulary of which whole rows of logits are read back for sampling. */
  wholeRow: number;
}

export function noSite(engine: Engine, layer: number): SiteUnavailableError {
  return new SiteUnavailableError(
    `There is no dictionary at layer ${layer}. Sites: ${engine.sites.map((s) => s.layer).join(', ')}.`,
    { layer },
  );
}
