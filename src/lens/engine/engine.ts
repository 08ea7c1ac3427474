import { SiteUnavailableError } from '../api/errors';
import type { Site } from '../dictionary/site';
import type { Model } from './model';
import type { Queue } from './queue';
import type { Tokenizer } from './tokenizer';

/** The components of an open lens. */
export interface Engine {
  model: Model;
  sites: Site[];
  tokenizer: Tokenizer;
  queue: Queue;
  /** Largest vocabulary for which sampling reads back whole rows of logits. */
  wholeRow: number;
}

export function noSite(engine: Engine, layer: number): SiteUnavailableError {
  return new SiteUnavailableError(
    `There is no dictionary at layer ${layer}. Layers with one: ${engine.sites.map((s) => s.layer).join(', ')}.`,
    { layer },
  );
}
