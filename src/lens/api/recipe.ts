import type { Chat } from './chat';
import type { Edit } from './edit';

/** How a recipe's text is sampled, in full. */
export interface RecipeSampling {
  /** 0 (greedy) to 10. */
  temperature: number;
  /** The nucleus's share of probability, above 0 and to 1. */
  topP: number;
  seed: number;
  maxTokens: number;
  /** As in GenerateOptions; missing: none. */
  stop?: string[];
  repetitionPenalty?: number;
}

/** The dictionary to which a recipe's edits of one layer refer. */
export interface RecipeDictionary {
  layer: number;
  width: number;
  k: number;
  /** SHA-256 of its weights, as SiteInfo.sha256; null: not known. */
  sha256: string | null;
}

/** Steering as a file: the edits, the model and dictionaries they were made on, and the sampling. */
export interface Recipe {
  /** 4 where `prependBos` is there; else 3, which earlier readers take, and which runs its text without a first token. */
  format: 'lenslet-recipe-3' | 'lenslet-recipe-4';
  name?: string;
  model: { name: string /** As LensInfo.sha256; null: not known. */; sha256: string | null };
  /** One for each layer of the edits, ascending. */
  dictionaries: RecipeDictionary[];
  edits: Edit[];
  sampling: RecipeSampling;
  prompt?: string;
  /** Whether what the tokenizer puts before a text of its own stands before the prompt; missing, as in the formats that
   *  cannot say it: it does not. */
  prependBos?: boolean;
  /** The prompt is a user's turn in the model's own template. */
  chat?: boolean;
  /** In place of `prompt`: a conversation. */
  conversation?: Chat;
}
