import { InvalidOptionError } from '../../api/errors';
import { isName } from './claim-schema';

/** One text of one arm: independent of what ran beside it, so that any order and any batch give the same trials. */
export interface Trial {
  /** See `trialId`. */
  id: string;
  split: 'dev' | 'test';
  /** Ids without special tokens, and their text, as predicates read them. */
  tokens: number[];
  text: string;
  /** `decided`: ended early, since its outcome was certain. */
  done: 'stop' | 'length' | 'context' | 'decided';
  /** 0 to 1 by outcome; null: undecided. */
  outcomes: Record<string, number | null>;
  /** Log-odds of the outcomes that have them, nats. */
  scores?: Record<string, number>;
  /** Means over tokens, nats; null where not scored. */
  kl: number | null;
  surprisal: number | null;
  alone: number | null;
  /** Tokens of those means. */
  scored: number;
  /** Tokens acted on, of tokens asked for. */
  acted: number;
  of: number;
  /** Mean |change| and |h| over the tokens acted on, position 0 left out. */
  change: number;
  norm: number;
}

export interface TrialParts {
  claim: string;
  arm: string;
  dose: number;
  /** A prompt's id. */
  prompt: string;
  /** Which text of the prompt, from 0. */
  seed: number;
}

/** A family, its kind where it has one, and the draw. */
const ARM =
  /^(?:none|zero|edit|opposite|instruct|instruct-edit|difference-of-means|sentence:(?:empty|generic)|(?:direction|feature|difference|sentence:shuffled|sentence:template|kl:(?:direction|feature|difference)):(?:0|[1-9]\d{0,3}))$/;
const PROMPT = /^[0-9a-f]{12}$/;
const SEED = /^(?:0|[1-9]\d{0,5})$/;

export const isArm = (arm: string): boolean => ARM.test(arm);

/** A trial's id: `claim|arm|dose|prompt|seed`. Throws InvalidOptionError for a part that cannot stand there. */
export function trialId({ claim, arm, dose, prompt, seed }: TrialParts): string {
  const id = [claim, arm, String(dose + 0), prompt, String(seed)].join('|');
  if (parsedTrialId(id) === null)
    throw new InvalidOptionError(
      `“${id.slice(0, 120)}” is no trial: its claim, arm, dose, prompt or seed is written otherwise.`,
      { id },
    );
  return id;
}

/** The parts of a trial's id; null for what is none. */
export function parsedTrialId(id: string): TrialParts | null {
  const [claim = '', arm = '', dose = '', prompt = '', seed = '', ...more] = id.split('|');
  const factor = Number(dose);
  const is =
    more.length === 0 &&
    isName(claim) &&
    ARM.test(arm) &&
    Number.isFinite(factor) &&
    String(factor) === dose &&
    PROMPT.test(prompt) &&
    SEED.test(seed);
  return is ? { claim, arm, dose: factor, prompt, seed: Number(seed) } : null;
}
