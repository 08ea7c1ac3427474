import type { TokenLogprob } from '../../lens/api/text';
import { count, probability } from '../../lens/maths/figures';
import { spoken } from '../../ui/token-pieces';

/** How likely the token was that stands in a place, with its rank among the listed ones, the likeliest. */
export function rankSays(list: readonly TokenLogprob[], chosen: { id: number; logprob: number }): string {
  const rank = list.findIndex(({ id }) => id === chosen.id) + 1;
  const p = `p ${probability(Math.exp(chosen.logprob))}`;
  const at = `${p} at temperature 1.`;
  return rank > 0 ? `Rank ${rank}, ${at}` : `Not among the ${count(list.length)} likeliest, ${at}`;
}

/** An alternative, for a screen reader. */
export const optionSays = ({ text, logprob }: TokenLogprob, rank: number, chosen: boolean): string =>
  `${rank}: “${spoken(text)}”, p ${probability(Math.exp(logprob))}${chosen ? ', in the text' : ''}`;
