import type { Sampling } from '../../state/base/sampling';
import { escaped } from './stop-escapes';

/** What is set of the options that are not in sight; null: nothing. */
export function moreSays({ stop = [], repetitionPenalty = 1 }: Sampling): string | null {
  const parts = [
    ...(repetitionPenalty === 1 ? [] : [`Repetition penalty ${repetitionPenalty}.`]),
    ...(stop.length ? [`Stops at ${stop.map((text) => `“${escaped(text)}”`).join(', ')}.`] : []),
  ];
  return parts.length ? parts.join(' ') : null;
}
