import type { Score, ScoreControls } from '../../lens/api/verbalizer';

export type Confidence = 'high' | 'medium' | 'low';

/** Neuronpedia's words for a relative error. */
const HIGH = 0.3;
const MEDIUM = 0.5;

export const confidenceTitle: Record<Confidence, string> = { high: 'High', medium: 'Medium', low: 'Low' };

/** What the scores of other words are called, wherever they stand beside these. */
export const controlName: Record<keyof ScoreControls, string> = {
  shuffled: 'Shuffled',
  constant: 'One direction',
  empty: 'No words',
  generic: 'Any text',
};

/** Of the words themselves, where their score has no scale to be called high or low on. */
export const OWN_WORDS = 'These words';

/** How far the words can be trusted to say what is in the vector; null where the error has no scale. */
export function confidenceOf(score: Pick<Score, 'relative'> | null): Confidence | null {
  if (score?.relative === null || score?.relative === undefined || !Number.isFinite(score.relative)) return null;
  return score.relative < HIGH ? 'high' : score.relative < MEDIUM ? 'medium' : 'low';
}

/** Why a score says nothing: other tokens' words score as well here, or did on held-out text. Null: the score beats its
 *  control, or has none. */
export function notBetter(
  score: Score | null,
  controls: ScoreControls | null,
  beatsControl: boolean | null,
): 'here' | 'held-out' | null {
  const shuffled = controls?.shuffled;
  if (score && shuffled) {
    const beaten =
      score.fve !== null && shuffled.high !== null ? score.fve > shuffled.high : score.cosine > shuffled.cosine;
    if (!beaten) return 'here';
  }
  return beatsControl === false ? 'held-out' : null;
}
