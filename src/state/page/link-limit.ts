import type { Chat } from '../../lens/api/chat';

/** Characters of a text, or of all turns of a conversation, that a link spells out. */
export const LONGEST_PROMPT = 8000;
/** Characters that it carries packed: whatever they are, they take at most 80,000 of the link's own. */
export const LONGEST_PACKED = 20_000;

/** Whether a link spells a text out: it is short, and holds no half of a character, which UTF-8 has no bytes for. */
export const isSpelled = (text: string): boolean => text.length <= LONGEST_PROMPT && !/\p{Cs}/u.test(text);

/** The first `most` characters, fewer where a pair of surrogates would be cut. */
export function cutAt(text: string, most: number): string {
  const code = text.charCodeAt(most - 1);
  return text.slice(0, text.length > most && code >= 0xd800 && code < 0xdc00 ? most - 1 : most);
}

/** Text and conversation where a fragment does not spell them out. */
export interface Whole {
  text?: string;
  chat?: Chat;
  /** What of a packed one could not be read, in sentences. */
  says?: readonly string[];
  /** A packed one is not here: what unpacks it could not be loaded. The link has it still. */
  missed?: true;
}
