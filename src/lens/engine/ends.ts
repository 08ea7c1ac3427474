import type { DecoderConfig } from '../folders/config';

/** The tokens that end a text: those that the model's files name, and in a conversation also `endOfTurn`, the one that
 *  its template writes behind what the assistant says. Files of base models often name only the end of a document. */
export function endsOf({ eos }: Pick<DecoderConfig, 'eos'>, endOfTurn: number | null): number[] {
  return endOfTurn === null || eos.includes(endOfTurn) ? eos : [...eos, endOfTurn];
}
