export const FORMAT = 'lenslet-notebook-4';
/** `1` knew no edit that acts everywhere, and no strength beyond the slider; a clamp at strength 0 was off. `2` had plain
 *  texts alone. `3` counted strengths in maxima alone, to four decimals. */
export const EARLIER_FORMATS = ['lenslet-notebook-1', 'lenslet-notebook-2', 'lenslet-notebook-3'] as const;
export const FILE = 'lenslet-notebook.json';
/** Twenty runs of 1,024 tokens in three texts are about 12 MB, and twenty texts of escapes alone 24 MB. */
export const MOST_BYTES = 40_000_000;
/** Runs that are kept. */
export const MOST_RUNS = 20;
/** Characters of a name, and of a note. */
export const LONGEST_NAME = 80;
export const LONGEST_NOTE = 10_000;

/** A name as it is kept: one line, no white space around it; null where nothing is left. */
export function settleName(typed: string): string | null {
  const name = typed.replaceAll(/\s+/gu, ' ').trim().slice(0, LONGEST_NAME).trimEnd();
  return name === '' ? null : name;
}

/** Whether an entry has nothing to keep. */
export const isEmpty = ({ pinned, name, note }: { pinned: string | null; name: string | null; note: string }) =>
  pinned === null && name === null && note === '';
