import type { TokenLogprob } from '../../lens/api/text';
import { count, probability } from '../../lens/maths/figures';

/** How likely the token was that stands in a place, with its rank among the listed ones, the likeliest. */
export function rankSays(list: readonly TokenLogprob[], chosen: { id: number; logprob: number }): string {
  const rank = list.findIndex(({ id }) => id === chosen.id) + 1;
  const p = `p ${probability(Math.exp(chosen.logprob))}`;
  const at = `${p} at temperature 1.`;
  return rank > 0 ? `Rank ${rank}, ${at}` : `Not among the ${count(list.length)} likeliest, ${at}`;
}
