import { count } from '../lens/maths/figures';
import { inBox } from './line-ends';

/** How much a text box holds. */
export interface Room {
  /** Characters. */
  most: number;
  /** Says what was not taken, or not as it was, in a sentence; null: all of it was. */
  says: (sentence: string | null) => void;
}

export const fullSays = (most: number): string =>
  `At most ${count(most)} characters have room here: the last ones were not taken.`;

/** How many characters of a box stay beside what comes in. `selected`: of them; what is pasted takes their place, and
 *  what is dragged within the box leaves it, unless it is copied. */
export const staying = (length: number, selected: number, by: 'paste' | 'drop' | 'move'): number =>
  by === 'drop' ? length : length - selected;

/** Whether a text is too long to be pasted beside `beside` characters that stay, as a box would hold it, and what there
 *  is to say of it. */
export function pastedSays(text: string, beside: number, most: number): { refused: boolean; says: string | null } {
  const { length } = inBox(text);
  const all = beside + length;
  if (all > most)
    return {
      refused: true,
      says: `What was pasted has ${count(length)} characters${beside ? `, ${count(all)} with what is here` : ''}; at most ${count(most)} have room. Nothing was changed.`,
    };
  const ends = text.includes('\r\n') ? 'Windows line ends (carriage return, line feed)' : 'carriage returns';
  return {
    refused: false,
    says: text.includes('\r')
      ? `The pasted text had ${ends}. They became plain line ends, as all that is typed has.`
      : null,
  };
}
