import type { Edit } from '../../api/edit';
import type { RecipeDictionary } from '../../api/recipe';
import type { Outcome } from '../predicates/outcome';
import type { PromptSet } from '../prompts/prompt';

/** A test of claims against controls, as a file: everything that decides what is run and what is computed. */

export const EXPERIMENT_FORMAT = 'lenslet-experiment-1';
/** The set that claims are about, and the one on which `keeps` looks unless it says otherwise. */
export const MAIN = 'main';
export const NEUTRAL = 'neutral';

export interface Experiment {
  format: typeof EXPERIMENT_FORMAT;
  name: string;
  question?: string;
  model: { name: string /** As LensInfo.sha256; null: not known. */; sha256: string | null };
  /** One for each layer that has one, ascending. */
  dictionaries: RecipeDictionary[];
  /** The reconstructor, where an intervention has a sentence. */
  pair?: { layer: number; sha256: string };
  /** By name; `main` is there. */
  prompts: Record<string, PromptSet>;
  sampling: Sampling;
  /** By name. */
  outcomes: Record<string, Outcome>;
  /** 1 to 10. */
  claims: Claim[];
  controls: ControlPlan;
  plan: Plan;
}

export interface Sampling {
  temperature: number;
  topP: number;
  maxTokens: number;
  /** Prompts are user's turns in the model's template. */
  chat: boolean;
  stop?: string[];
  /** See `trialSeed`. */
  base: number;
  /** Texts a prompt. */
  seeds: number;
}

/** `drives`: pushing moves the behaviour. `uses`: removing what is active by itself removes it. */
export type ClaimKind = 'drives' | 'uses';

export interface Claim {
  /** Without "|", which parts a trial's id. */
  id: string;
  kind: ClaimKind;
  intervention: Intervention;
  /** A factor on every strength. */
  dose: number;
  /** Further doses that the test runs. */
  doses?: number[];
  outcome: string;
  direction: 'more' | 'less';
  /** The smallest effect worth a claim: a difference of rates, or of probability. */
  margin: number;
  selection: Selection;
  /** What must not change. */
  keeps: Keep[];
  /** A prompt set with real text of the kind sought, for the fluency guard. */
  reference?: string;
}

export interface Keep {
  outcome: string;
  /** A prompt set; `neutral` unless it says otherwise. */
  prompts: string;
  margin: number;
}

/** What was looked at before this was chosen: every control draw is chosen in the same way, or pays for it. Counted on
 *  development prompts. */
export interface Selection {
  /** Features, groups, directions or sentences; `atLeast`: the number is not known, and not below this. */
  candidates: number | { atLeast: number };
  /** 1: the sign was given beforehand. */
  signs: 1 | 2;
  /** Doses tried. */
  doses: number;
}

/** Selects tokens: Edit.where, the last n of the prompt, or every token of a literal text. */
export type Where = string | number[] | { last: number } | { match: string };

export type Intervention =
  | { kind: 'edits'; edits: Edit[] }
  | GroupIntervention
  | DirectionIntervention
  | SentenceIntervention;

/** Several features at once, by one mode and strength each. */
export interface GroupIntervention {
  kind: 'group';
  /** Ascending by layer and feature. */
  features: { layer: number; feature: number }[];
  mode: Edit['mode'];
  strength: number;
  on?: 'everywhere' | 'active' | 'preactivation';
  where: Where;
}

export interface DirectionIntervention {
  kind: 'direction';
  layer: number;
  /** d numbers, or the difference of means of two prompt sets' development residuals. */
  vector: Float32Array | { plus: string; minus: string };
  op: 'add' | 'project';
  strength: number;
  relativeToNorm: boolean;
  where: Where;
}

/** With v the reconstructor's direction of a sentence: `add` moves by s |h| v(text), `swap` by
 *  s |h| (v(text) - v(instead)), `project` by -s (h·v) v. */
export interface SentenceIntervention {
  kind: 'sentence';
  layer: number;
  op: 'add' | 'swap' | 'project';
  text: Sentence;
  instead?: Sentence;
  /** Times |h|. */
  strength: number;
  where: Where;
}

/** A text, or one that is made for each prompt from the verbalizer's own words there. */
export type Sentence = string | { verbalize: Where; replace: { find: string; with: string }[] };

/** How many controls may be drawn of each family. */
export interface ControlPlan {
  seed: number;
  /** Uniform on the sphere. */
  directions: number;
  /** Random live features of the same site. */
  features: number;
  /** Normalised differences of two real residuals of the same prompts, h_i - h_j. */
  differences: number;
  pool?: 'density' | 'coactive';
  sentences?: number;
  template?: Sentence[];
  differenceOfMeans?: boolean;
  /** Draws of each family whose length is set to the edit's KL; 0: none. */
  equalKl: number;
  instruct?: { text: string; place: 'before' | 'after' | 'system'; withEdit: boolean };
}

export interface Plan {
  alpha: number;
  /** Prompts of the test. */
  prompts: number;
  design: 'quick' | 'standard' | 'fixed';
  /** `doublings` of perplexity; `degenerate`: share of texts more than without an edit. */
  guard: { doublings: number; degenerate: number };
  /** Control draws of a family that get KL and perplexity. */
  scored: number;
}
