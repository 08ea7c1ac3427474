import type { Prompt } from '../../lens/api/chat';
import type { Token, TokenLogprob } from '../../lens/api/text';
import type { Trace } from '../../lens/api/trace';
import { lockedChip } from '../reading/selection';
import { ALTERNATIVES } from '../steering/run';
import { offPosition, wordOf } from './branch-off';
import type { PageState } from './selectors';

/** The likeliest tokens of a place, and the token that stands there. */
export interface Alternatives {
  list: TokenLogprob[];
  chosen: Pick<TokenLogprob, 'id' | 'logprob'>;
}

/** The locked token's position while its alternatives are shown. A character of several tokens is looked at where it
 *  begins. */
export const selectAlternativesAt = ({ tracer: { reading }, view }: PageState): number | null =>
  view.words === 'alternatives' ? (lockedChip(reading, view)?.from ?? null) : null;

/** Of a token of the text: what the model held likeliest after the tokens before it. Not for position 0. */
export async function readAlternatives(trace: Trace, surprisal: Float32Array, position: number): Promise<Alternatives> {
  const list = await trace.top(position - 1, ALTERNATIVES);
  return { list, chosen: { id: trace.tokens[position]!.id, logprob: -surprisal[position]! } };
}

/** Why a text cannot be gone on from a place with this token, in words; null: it can. `tokens`: of the prompt, for a
 *  place in it; null for a place in a generated text. */
export function refuseBranch(
  prompt: Prompt,
  token: TokenLogprob,
  at: { position: number; tokens: readonly Token[] } | null,
): string | null {
  if (typeof prompt === 'string')
    return wordOf(token) === '' ? 'Part of a character: a text cannot end with it.' : null;
  if (at && !offPosition(prompt, at.tokens, at.position, token))
    return 'A branch begins at a word of the assistant’s. To change another turn, write in it.';
  return null;
}
