/** Text as the model reads it. T: tokens of a text. */

import type { ChatSpan } from './chat';

export interface Token {
  id: number;
  /** The text of this token alone; a byte-split character shows as U+FFFD. */
  text: string;
  position: number;
  special: boolean;
  /** Only in a conversation, and in a text that `chat` makes a user's turn. */
  span?: ChatSpan;
  /** Set on tokens that share one byte-split character: the joint text, this token's place in it and how many there
   *  are. */
  fragment?: { text: string; index: number; count: number };
}

export interface TokenLogprob {
  id: number;
  /** The token's text, or its bytes (`‹E5 8D›`) if they are not whole characters. */
  text: string;
  logprob: number;
}
