import { apart, nats, ppl } from '../../lens/maths/figures';
import type { Outcome } from '../../state/steering/measure';

/** Perplexity of each text under the unedited model; null where there is none. */
export interface Perplexities {
  baseline: number | null;
  steered: number | null;
  control: number | null;
}

/** A mean KL, and those of the draws from the smallest to the largest, with as many places as tell it from either. */
function told({ kl, low, high }: Pick<Outcome, 'kl' | 'low' | 'high'>): { own: string; range: string } {
  const [nearLow, smallest] = apart(kl, low, nats);
  const [nearHigh, largest] = apart(kl, high, nats);
  const own = nearLow.length > nearHigh.length ? nearLow : nearHigh;
  return { own, range: smallest === largest ? largest : `${smallest} to ${largest}` };
}

/** "0.212 to 0.802", or a dash. */
export const rangeSays = (outcome: Outcome | null): string => (outcome ? told(outcome).range : '–');

/** "8 random draws 0.212 to 0.802". */
export const drawsSay = (outcome: Outcome): string => `${drawsOf(outcome)} ${told(outcome).range}`;

const drawsOf = ({ draws }: Outcome): string => (draws === 1 ? '1 random draw' : `${draws} random draws`);

/** A run in a sentence. It says how far the probabilities moved, where random changes of the same size lie, and whether
 *  the texts are still usual ones; what the edit does, no single run shows. */
export function outcomeSays(outcome: Outcome, { baseline, steered, control }: Perplexities): string {
  const { kl, acted, of } = outcome;
  // An edit of the prompt alone acts on no generated token and still moves them.
  if (acted === 0 && kl < 0.0005) return `The edit acted on 0 of ${of} generated tokens: nothing to compare.`;
  const { own, range } = told(outcome);
  const far = `Mean KL(steered || baseline) ${own} nats; ${drawsOf(outcome)} of the same |change| ${range}.`;
  return `${far} Perplexity of the steered text ${ppl(steered)}, of the baseline ${ppl(baseline)}, of the control ${ppl(control)}.`;
}
