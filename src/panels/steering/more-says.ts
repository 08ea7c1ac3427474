import type { Sampling } from '../../state/base/sampling';

/** What is set of the options that are not in sight; null: nothing. */
export function moreSays({ stop = [], repetitionPenalty = 1 }: Sampling): string | null {
  const parts = [
    ...(repetitionPenalty === 1 ? [] : [`penalty ${repetitionPenalty}`]),
    ...(stop.length ? [`${stop.length} ${stop.length === 1 ? 'stop' : 'stops'}`] : []),
  ];
  return parts.length ? parts.join(', ') : null;
}
