import { sampleSeed } from '../../maths/random';
import { hashText } from './hash';

export interface PromptItem {
  /** See `promptId`. */
  id: string;
  text: string;
  /** What the prompt's right continuation is, for outcomes that compare. */
  expect?: string;
  /** Prompts of a group are one cluster, and lie on one side of the split. */
  group?: string;
}

export interface Split {
  /** Another salt is another split. */
  salt: string;
  /** Share of the test, 0 to 1. */
  test: number;
}

/** A prompt that was left out, and why. */
export interface Exclusion {
  id: string;
  reason: ExclusionReason;
  /** A sentence. */
  note: string;
}
export type ExclusionReason = (typeof EXCLUSION_REASONS)[number];
export const EXCLUSION_REASONS = ['empty', 'duplicate', 'both-sides', 'too-long', 'baseline', 'by-hand'] as const;

export interface PromptSet {
  items: PromptItem[];
  split: Split;
  /** What population these prompts stand for, in one sentence. */
  source: string;
  /** Not among `items`. */
  excluded: Exclusion[];
}

const ID_DIGITS = 12;

/** A prompt's id: the first 12 hexadecimal digits of SHA-256(NFC text + line break + what it expects). */
export async function promptId({ text, expect = '' }: Omit<PromptItem, 'id' | 'group'>): Promise<string> {
  return (await hashText(`${text.normalize('NFC')}\n${expect}`)).slice(0, ID_DIGITS);
}

/** The seed of a text, equal in all arms, another for every prompt: `base` is the experiment's, `index` counts the texts
 *  of a prompt. The prompt counts by the first 31 bits of its hash. */
export function trialSeed(base: number, promptId: string, index: number): number {
  return sampleSeed(base, Number.parseInt(promptId.slice(0, 8), 16) >>> 1, index);
}
