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
}
