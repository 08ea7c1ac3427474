export interface Competitor {
  /** Queues one run on the device. */
  run(): Promise<void> | void;
}

export interface Timing {
  /** Minimum milliseconds of one run, per competitor. */
  ms: number[];
  repeat: number;
}

/** Runs shorter than this are repeated before the wait, so that the wait itself does not weigh. */
const SHORTEST_MS = 10;
const MOST_REPEATS = 32;

/**
 * Times competitors in turns: `rounds` rounds after one to warm up and one to choose how often a run repeats, each
 * round beginning with another competitor. `finish` waits for the device and is inside the timed region of every
 * competitor alike.
 */
export async function race(
  competitors: Competitor[],
  finish: () => Promise<unknown>,
  rounds: number,
  repeats = MOST_REPEATS,
): Promise<Timing> {
  const time = async (competitor: Competitor, times: number) => {
    const began = performance.now();
    for (let i = 0; i < times; i++) await competitor.run();
    await finish();
    return (performance.now() - began) / times;
  };
  for (const competitor of competitors) await time(competitor, 1);
  let fastest = Number.POSITIVE_INFINITY;
  if (repeats > 1) for (const competitor of competitors) fastest = Math.min(fastest, await time(competitor, 1));
  const repeat = Math.max(1, Math.min(repeats, Math.ceil(SHORTEST_MS / fastest)));
  const ms = competitors.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < competitors.length; turn++) {
      const at = (round + turn) % competitors.length;
      ms[at] = Math.min(ms[at]!, await time(competitors[at]!, repeat));
    }
  }
  return { ms, repeat };
}
