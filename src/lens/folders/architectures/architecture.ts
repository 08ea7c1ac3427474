import { InvalidOptionError } from '../../api/errors';
import type { Activation } from '../dictionary-plan';

/** What an architecture's activation is made of, beside a dictionary's tensors. */
export interface ActivationFacts {
  /** As configuration or file state it; null where they do not. */
  k: number | null;
  /** A threshold that all features share, where the file has one number of it. */
  threshold: number | null;
  width: number;
  /** The file that states it, for errors. */
  file: string;
}

/** One way to make latents from pre-activations p = h W + b: which p become latents. */
export interface Architecture {
  /** Whether the file holds the threshold as one number. */
  scalar: boolean;
  /** Throws InvalidOptionError where a number that it needs is not one. */
  activation(facts: ActivationFacts): Activation;
}

/** Throws InvalidOptionError unless `k` is a number of latents that a dictionary of `width` can have. */
export function checkK(k: number, width: number): void {
  if (!Number.isInteger(k) || k < 1 || k > width)
    throw new InvalidOptionError(`k must be a whole number from 1 to ${width}, but is ${k}.`, { k });
}
