import { MOST_PROMPT } from '../../lens/exchange/chat-fields';

/** Branches that are kept. */
export const MOST_BRANCHES = 200;
/** Characters of a branch's turns in all. */
export const MOST_CHARACTERS = MOST_PROMPT;
export const LONGEST_NAME = 80;
