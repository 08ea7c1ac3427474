import { type Judge, never, verdict } from './judge';
import type { Length } from './outcome';
import { settled } from './settled';

const SPACE = /^[ \t\n\r]*/;

/** Whether the whole text is one object or list of JSON, white space around it left out (RFC 8259). A bare number or
 *  word would be JSON too, and says nothing. */
export const json = (): Judge => ({
  judge({ text }) {
    if (!opens(text)) return 0;
    try {
      JSON.parse(text);
      return 1;
    } catch {
      return 0;
    }
  },
  decided({ text }) {
    const sure = settled(text).replace(SPACE, '');
    return sure === '' || opens(sure) ? null : 0;
  },
});

const opens = (text: string) => /^[[{]/.test(text.replace(SPACE, ''));

/** Whether the number of tokens lies between two bounds, both allowed. */
export const length = ({ min, max }: Length): Judge => ({
  judge: ({ tokens }) => verdict(tokens.length >= min && (max === null || tokens.length <= max)),
  decided({ tokens }) {
    if (max !== null && tokens.length > max) return 0;
    return max === null && tokens.length >= min ? 1 : null;
  },
});

/** Whether at least half of the tokens are distinct; a text without a token is not varied. */
export const varied = (): Judge => ({
  judge: ({ tokens }) => verdict(tokens.length > 0 && 2 * new Set(tokens).size >= tokens.length),
  decided: never,
});
