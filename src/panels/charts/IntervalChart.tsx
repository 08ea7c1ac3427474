import type { Interval } from './IntervalPlot';
import { plot, StillChart } from './StillChart';

const Intervals = plot(() => import('./IntervalPlot'));

interface Props {
  rows: readonly Interval[];
  /** What each row is of, for the table's first heading. */
  of: string;
  /** The quantity, for the chart's name and the table's heading. */
  quantity: string;
  /** What the lines are: "95 % interval". */
  interval: string;
  says: (value: number) => string;
}

const LINE = 20;

/** Values with their intervals, one below the other on one axis. */
export function IntervalChart({ rows, of, quantity, interval, says }: Props) {
  const figures = rows.map(({ name, value, low, high, n }) => [
    name,
    says(value),
    low === null || high === null ? '–' : `${says(low)} to ${says(high)}`,
    n === null ? '–' : String(n),
  ]);
  return (
    <StillChart
      name={`${quantity}, with ${interval}: ${rows.map(({ name, value }) => `${name} ${says(value)}`).join(', ')}`}
      height={LINE * (rows.length + 1)}
      columns={[of, quantity, interval, 'n']}
      rows={figures}
      plot={Intervals}
    >
      {(Plot, size) => <Plot {...size} rows={rows} says={says} />}
    </StillChart>
  );
}
