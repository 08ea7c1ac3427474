import { ErrorBar, Scatter, ScatterChart, XAxis, YAxis } from 'recharts';
import { widthOf } from '../../ui/labels';
import { axisLabels, FOOT, placeOf, RangeAxis } from './axis';
import type { PlotSize } from './StillChart';

export interface Interval {
  name: string;
  value: number;
  /** Null where no interval is known. */
  low: number | null;
  high: number | null;
  /** Which of the page's colours it has: that of an intervention, of a control, or ink. Its name says the same. */
  kind: 'steered' | 'control' | 'plain';
  /** How many it was counted over; null where it was not counted. */
  n: number | null;
}

/** recharts draws intervals above everything, out of reach of their row's own style. */
const COLOURS = { steered: 'var(--intervention)', plain: 'var(--ink)', control: 'var(--control)' };

interface Props extends PlotSize {
  rows: readonly Interval[];
  says: (value: number) => string;
}

/** A row a line: its name, a mark at its value and a line over its interval, all on one axis that ends at the data. */
export default function IntervalPlot({ rows, says, width, height }: Props) {
  const names = Math.min(width / 2, Math.max(...rows.map(({ name }) => widthOf(name))));
  const ends = rows.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const scale = { low: Math.min(...ends), high: Math.max(...ends), left: names + 8, right: width - 8 };
  const foot = height - FOOT;
  const line = foot / rows.length;
  const points = rows.map(({ name, value, low, high, kind }, i) => ({
    name,
    kind,
    value,
    row: i,
    interval: low === null || high === null ? null : [value - low, high - value],
  }));
  const domain: [number, number] = scale.high > scale.low ? [scale.low, scale.high] : [scale.low, scale.low + 1];
  return (
    <ScatterChart
      width={width}
      height={height}
      margin={{ top: 0, bottom: FOOT, left: scale.left, right: width - scale.right }}
      accessibilityLayer={false}
    >
      <XAxis hide type="number" dataKey="value" domain={domain} />
      <YAxis hide type="number" dataKey="row" domain={[-0.5, rows.length - 0.5]} reversed />
      {scale.low < 0 && scale.high > 0 && <path className="still-zero" d={`M${placeOf(0, scale)} 0V${foot}`} />}
      {points.map((point) => (
        <Scatter
          key={point.name}
          className={`still-${point.kind}`}
          data={[point]}
          shape={<Mark />}
          isAnimationActive={false}
        >
          {point.interval && (
            <ErrorBar
              dataKey="interval"
              direction="x"
              width={4}
              stroke={COLOURS[point.kind]}
              strokeWidth={1.25}
              isAnimationActive={false}
            />
          )}
        </Scatter>
      ))}
      {points.map(({ name, kind, row }) => (
        <text key={name} className={`still-${kind}`} x="0" y={(row + 0.5) * line + 4}>
          {name}
        </text>
      ))}
      <RangeAxis scale={scale} y={foot} labels={axisLabels(scale, width, height - 5, says)} />
    </ScatterChart>
  );
}

/** recharts gives the place. */
function Mark({ cx = 0, cy = 0 }: { cx?: number; cy?: number }) {
  return <circle cx={cx} cy={cy} r="3.5" />;
}
