import { type Judge, verdict } from './judge';
import { settled } from './settled';

/** A character that was cut in two shows as U+FFFD; hardly any but Han characters are, so that it counts as one. */
const HAN = /^[\u3400-\u9fff\ufffd]*$/;
const ANY_HAN = /[\u3400-\u9fff\ufffd]/;
/** Clauses end at these. The white space is Python's, which differs from JavaScript's. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python's \s has four separators that no other white space has.
const CLAUSE_END = /[，。！？；：,.!?;:\p{White_Space}\x1c-\x1f]+/u;
const CLAUSES = 3;
const LENGTHS = [5, 7];

/** Whether three consecutive whole clauses are of equal length, 5 or 7 Han characters, and all different: the rule of
 *  `verse` in training/effects/corpus.py, by which the shipped effect was measured. Undecided without a Han character. */
export const verse = (): Judge => ({
  judge: ({ text }) => (ANY_HAN.test(text) ? verdict(isVerse(text)) : null),
  decided: ({ text }) => (isVerse(settled(text)) ? 1 : null),
});

/** What stands before the first end of a clause goes on with something unseen, and what stands after the last one is
 *  unfinished: neither is a clause. */
function isVerse(text: string): boolean {
  let run: string[] = [];
  for (const clause of text.split(CLAUSE_END).slice(1, -1)) {
    if (!LENGTHS.includes(clause.length) || !HAN.test(clause)) run = [];
    else if (run[0]?.length === clause.length) run.push(clause);
    else run = [clause];
    if (run.length >= CLAUSES && new Set(run.slice(-CLAUSES)).size === CLAUSES) return true;
  }
  return false;
}
