import { ErrorBar, Scatter, ScatterChart, XAxis, YAxis } from 'recharts';
import { widthOf } from '../../ui/labels';
import { axisLabels, FOOT, RangeAxis } from './axis';
import type { Interval } from './IntervalChart';
import type { PlotSize } from './StillChart';

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
    interval: [value - (low ?? value), (high ?? value) - value],
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
      {points.map((point) => (
        <Scatter
          key={point.name}
          className={`still-${point.kind}`}
          data={[point]}
          shape={<Mark />}
          isAnimationActive={false}
        >
          <ErrorBar dataKey="interval" direction="x" width={4} isAnimationActive={false} />
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
