import { type Judge, never, verdict } from './judge';
import { needed } from './needs';
import type { Regex } from './outcome';

/** Whether a pattern matches. The search itself is handed in (`Readings.matches`): only its caller can end it after
 *  50 ms, in a worker or a context of its own. Undecided where it was ended. */
export const regex = ({ pattern, flags }: Regex): Judge => ({
  judge({ readings }) {
    const matches = needed(
      readings?.matches,
      'regex',
      'the search for its pattern, which ends after 50 ms',
    )(pattern, flags);
    return matches === null ? null : verdict(matches);
  },
  // What follows can undo a match: `$`, or a look ahead.
  decided: never,
});
