/** Branches that are kept. */
export const MOST_BRANCHES = 200;
/** Characters of a branch's turns in all. */
export const MOST_CHARACTERS = 200_000;
export const LONGEST_NAME = 80;
