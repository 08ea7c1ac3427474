import { type Judge, type Verdict, verdict } from './judge';
import type { Script } from './outcome';
import { settled } from './settled';

/** Whether the share of a script among the letters is above, at least, or at most a threshold. Undecided with too few
 *  letters. Letters without a script of their own (Common, Inherited) are letters like others. */
export function script({ script, share, compare, letters }: Script): Judge {
  const letter = /\p{L}/gu;
  const own = new RegExp(`(?=\\p{L})\\p{Script=${script}}`, 'gu');
  const count = (text: string) => ({
    all: text.match(letter)?.length ?? 0,
    own: text.match(own)?.length ?? 0,
  });
  const holds = (of: number) => (compare === '>' ? of > share : compare === '>=' ? of >= share : of <= share);
  return {
    judge({ text }) {
      const { all, own } = count(text);
      return all === 0 || all < letters ? null : verdict(holds(own / all));
    },
    // A share goes anywhere in (0, 1) yet, but it stays above 0 and below 1 once both kinds have been seen.
    decided({ text }): Verdict {
      const { all, own } = count(settled(text));
      if (all === 0 || all < letters) return null;
      const least = own > 0 ? Number.MIN_VALUE : 0;
      const most = own < all ? 1 - Number.EPSILON : 1;
      return holds(least) === holds(most) ? verdict(holds(least)) : null;
    },
  };
}
