/** A figure of the page: one quantity over some rounds, with the goal it is held to. */
export interface PageFigure {
  what: string;
  quantity: string;
  /** One number a round. */
  rounds: number[];
  /** No round may be above it. */
  goal: number;
}

export interface PageResults {
  host: string;
  load: string;
  figures: PageFigure[];
  seconds: number;
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const all = sorted(values);
  const half = all.length >> 1;
  return all.length % 2 ? all[half]! : (all[half - 1]! + all[half]!) / 2;
}

const written = (value: number): string => (value === 0 ? '0' : value < 1 ? value.toFixed(4) : value.toFixed(0));

/** A section of the report: a row a figure, median and largest of its rounds beside the goal. */
export function pageSection({ host, load, figures, seconds }: PageResults): string {
  const rows = figures.map(({ what, quantity, rounds, goal }) => {
    const most = Math.max(...rounds);
    const met = most <= goal ? 'met' : median(rounds) <= goal ? '**missed** in the worst round' : '**missed**';
    return `| ${[what, quantity, written(median(rounds)), written(most), rounds.length, written(goal), met].join(' | ')} |`;
  });
  return [
    '## Page',
    `The built page in ${host}, drawn in software; ${load}; ${Math.round(seconds)} s in all. The tokens are synthetic: 2,000 with 50 features each. A frame is the time from one to the next, the wait for the display (16.7 ms) and what else the machine did included; a task is one of the page's thread, without that.`,
    [
      '| what | quantity | median | largest | rounds | at most | goal |',
      '| --- | --- | --: | --: | --: | --: | --- |',
      ...rows,
    ].join('\n'),
  ].join('\n\n');
}
