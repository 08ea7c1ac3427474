import { Line, LineChart, XAxis, YAxis } from 'recharts';
import { nats } from '../../lens/maths/figures';
import { ASCENT, clear, DESCENT, type Label, spread, widthOf } from '../../ui/labels';
import { tickSays, ticksWithin } from '../../ui/ticks';
import { axisLabels, FOOT, placeOf, RangeAxis } from './axis';
import type { PlotSize } from './StillChart';

interface Props extends PlotSize {
  /** KL per generated token of each run. */
  series: readonly { name: string; kl: readonly (number | null)[] }[];
}

const TOP = 10;

/** Lines over one another on common axes, which end at the data; each is named at its end. */
export default function RunsPlot({ series, width, height }: Props) {
  const n = Math.max(...series.map(({ kl }) => kl.length));
  const most = Math.max(...series.flatMap(({ kl }) => kl.map((value) => value ?? 0)));
  const left = widthOf(nats(most)) + 6;
  const right = width - Math.max(...series.map(({ name }) => widthOf(name))) - 5;
  const scale = { low: 1, high: n, left, right };
  const foot = height - FOOT;
  const y = (kl: number) => foot - (most > 0 ? kl / most : 0) * (foot - TOP);
  const at = (kl: number, says: string): Label => ({ says, x: left - 6, y: y(kl) + 4, anchor: 'end' });
  const heights = clear([
    at(0, '0'),
    ...(most > 0 ? [at(most, nats(most))] : []),
    ...ticksWithin(most, 3).map((kl) => at(kl, tickSays(kl))),
  ]);
  const rows = Array.from({ length: n }, (_, i) => ({
    token: i + 1,
    ...Object.fromEntries(series.map(({ name, kl }) => [name, kl[i] ?? null])),
  }));
  const names = spread(
    series.flatMap(({ name, kl }): (Label & { of: number })[] => {
      const last = kl.findLastIndex((value) => value !== null);
      if (last < 0) return [];
      const x = placeOf(last + 1, scale) + 5;
      return [
        { of: series.findIndex((one) => one.name === name), says: name, x, y: y(kl[last]!) + 4, anchor: 'start' },
      ];
    }),
    ASCENT,
    foot - DESCENT,
  );
  return (
    <LineChart
      width={width}
      height={height}
      data={rows}
      margin={{ top: TOP, bottom: FOOT, left, right: width - right }}
      accessibilityLayer={false}
    >
      <XAxis hide type="number" dataKey="token" domain={[1, n]} />
      <YAxis hide type="number" domain={[0, most || 1]} />
      {series.map(({ name }, i) => (
        <Line
          key={name}
          className={`still-run still-run-${i}`}
          dataKey={name}
          type="linear"
          dot={false}
          activeDot={false}
          isAnimationActive={false}
        />
      ))}
      <path className="still-axis" d={`M${left - 0.5} ${TOP}V${foot}`} />
      {heights.map(({ says, x, y: at }) => (
        <text key={says} x={x} y={at} textAnchor="end">
          {says}
        </text>
      ))}
      {names.map(({ says, x, y: line, of }) => (
        <text key={says} className={`still-name still-run-${of}`} x={x} y={line}>
          {says}
        </text>
      ))}
      <RangeAxis scale={scale} y={foot} labels={axisLabels(scale, width, height - 5, String)} />
    </LineChart>
  );
}
