import type { QwenConfig } from '../folders/config';

/** The tokens that end a text: those that the model's files name, and in a conversation also the one that its template
 *  writes behind what the assistant says. Files of base models often name only the end of a document. */
export function endsOf(
  { eos }: Pick<QwenConfig, 'eos'>,
  { endOfTurn = null }: { endOfTurn?: number | null; size: number },
  conversation: boolean,
): number[] {
  return conversation && endOfTurn !== null && !eos.includes(endOfTurn) ? [...eos, endOfTurn] : eos;
}
