/** What a text box does with an input method's half-composed characters: they stand in the box alone. Only what was
 *  composed whole is typed. */

/** What stands in the box while characters are composed in it; null: nothing is composed, and the box shows its
 *  value. */
export type Composing = string | null;

/** What a box reports, with the text that stands in it then. `input` while a browser still composes has `composing`. */
export interface BoxEvent {
  type: 'start' | 'input' | 'end';
  text: string;
  composing?: boolean;
}

/** The next state of the box, and what was typed with this event; null: nothing yet. Browsers differ in whether the
 *  last input comes before the end or after it. */
export function compose(
  before: Composing,
  { type, text, composing = false }: BoxEvent,
): { composing: Composing; typed: string | null } {
  if (type === 'start') return { composing: text, typed: null };
  if (type === 'end') return { composing: null, typed: text };
  return composing || before !== null ? { composing: text, typed: null } : { composing: null, typed: text };
}

/** Whether a key belongs to an input method. At the end of a composition Safari says so by the key's code alone. */
export const composes = ({ isComposing, keyCode }: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean =>
  isComposing || keyCode === 229;
