import { type Judge, never, verdict } from './judge';
import { needed } from './needs';
import type { Answer } from './outcome';
import { settled } from './settled';

/** A decimal number. Commas between groups of three digits separate thousands. A sign counts where no letter, digit or
 *  closing bracket stands before it: "10-3" ends with 3. */
const NUMBER = /(?:(?<![\p{L}\p{N})\]])[-−+])?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?/gu;
/** What stands behind a number while it may go on. */
const OPEN = /^(?:\.|,\d{0,2})?$/;

/** The first spelling of a number among all that say the same: no sign of plus, no zeros in front or behind the last
 *  decimal, no -0. Exact at any length. Null for what is no number. */
export function canonical(text: string): string | null {
  const found = /^\s*([-−+]?)((?:\d{1,3}(?:,\d{3})+|\d+))(?:\.(\d+))?\s*$/.exec(text);
  if (!found) return null;
  const [, sign = '', digits = '', decimals = ''] = found;
  const whole = digits.replaceAll(',', '').replace(/^0+(?=\d)/, '');
  const rest = decimals.replace(/0+$/, '');
  const value = rest === '' ? whole : `${whole}.${rest}`;
  return (sign === '-' || sign === '−') && value !== '0' ? `-${value}` : value;
}

/** Whether the number that is picked is the one expected. Undecided without a number. */
export function answer({ pick, equals }: Answer): Judge {
  const after = typeof pick === 'object' ? pick.after.normalize('NFC') : null;
  /** The number, and what stands behind it. */
  const picked = (text: string): { value: string; rest: string } | null => {
    const from = after === null ? 0 : text.indexOf(after);
    if (from < 0) return null;
    const begin = from + (after?.length ?? 0);
    let found: RegExpExecArray | null = null;
    for (const match of text.matchAll(NUMBER)) {
      if (match.index < begin) continue;
      found = match;
      if (pick !== 'last-number') break;
    }
    return found && { value: canonical(found[0])!, rest: text.slice(found.index + found[0].length) };
  };
  const wanted = (expect: string | undefined) =>
    canonical(
      equals === 'expect' ? needed(expect, 'answer', 'what the prompt expects (`expect` of its item)') : equals,
    );
  return {
    judge({ text, readings }) {
      const found = picked(text);
      return found && verdict(found.value === wanted(readings?.expect));
    },
    decided:
      pick === 'last-number'
        ? never
        : ({ text, readings }) => {
            const found = picked(settled(text));
            return !found || OPEN.test(found.rest) ? null : verdict(found.value === wanted(readings?.expect));
          },
  };
}
