import { type Judge, never, verdict } from './judge';
import type { Contains, Starts } from './outcome';
import { folded, settled } from './settled';

const form = (fold: boolean) => (text: string) => (fold ? folded(text) : text.normalize('NFC'));

/** Occurrences that do not overlap, from the left. */
function occurrences(text: string, of: string, enough: number): number {
  let found = 0;
  for (let at = text.indexOf(of); at >= 0 && found < enough; at = text.indexOf(of, at + of.length)) found++;
  return found;
}

/** Whether texts occur often enough. Never undecided. */
export function contains({ any, all, fold, least }: Contains): Judge {
  const as = form(fold);
  const wanted = (any ?? all ?? []).map(as);
  const holds = (text: string) => {
    const enough = (one: string) => occurrences(text, one, least) >= least;
    return any ? wanted.some(enough) : wanted.every(enough);
  };
  return {
    judge: ({ text }) => verdict(holds(as(text))),
    decided: ({ text }) => (holds(as(settled(text))) ? 1 : null),
  };
}

/** Whether the text begins with one of the texts; white space before it does not count. */
export function starts({ any, fold }: Starts): Judge {
  const as = (text: string) => form(fold)(text).trimStart();
  const wanted = any.map(as);
  return {
    judge: ({ text }) => verdict(wanted.some((one) => as(text).startsWith(one))),
    decided: ({ text }) => {
      const sure = as(settled(text));
      if (wanted.some((one) => sure.startsWith(one))) return 1;
      return wanted.some((one) => one.startsWith(sure)) ? null : 0;
    },
  };
}

/** Whether the text ends with one of the texts; white space behind it does not count. */
export function ends({ any, fold }: Starts): Judge {
  const as = (text: string) => form(fold)(text).trimEnd();
  const wanted = any.map(as);
  return { judge: ({ text }) => verdict(wanted.some((one) => as(text).endsWith(one))), decided: never };
}
