/** Characters of a text, or of all turns of a conversation, that a link carries. */
export const LONGEST_PROMPT = 8000;
