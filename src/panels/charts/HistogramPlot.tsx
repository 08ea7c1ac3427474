import { Area, AreaChart, ReferenceLine, XAxis, YAxis } from 'recharts';
import { count, figure } from '../../lens/maths/figures';
import { type Label, spread, widthOf } from '../../ui/labels';
import { axisLabels, FOOT, placeOf, RangeAxis } from './axis';
import type { PlotSize } from './StillChart';

interface Props extends PlotSize {
  /** Firings a bin, of equal bins over (0, maximum]. */
  counts: readonly number[];
  maximum: number;
  /** Where the locked token stands; null: none does. */
  here: number | null;
}

const TOP = 14;

/** Firings by activation, stepped, in a frame that ends at the data: 0 to the maximum, and 1 to the fullest bin, whose
 *  heights are logarithmic, so that a bin with one firing is still seen beside one with thousands. */
export default function HistogramPlot({ counts, maximum, here, width, height }: Props) {
  const most = Math.max(1, ...counts);
  const left = Math.max(widthOf(count(most)), 8) + 6;
  const scale = { low: 0, high: maximum, left, right: width - 8 };
  const foot = height - FOOT;
  const high = (n: number) => Math.log1p(n) / Math.log1p(most);
  // An edge a bin; the last closes the outline.
  const edges = [...counts, counts.at(-1) ?? 0].map((n, i) => ({ at: (i / counts.length) * maximum, high: high(n) }));
  const y = (n: number) => foot - high(n) * (foot - TOP);
  const heights: Label[] = [...new Set([most, 1])].map((n) => ({
    says: count(n),
    x: left - 6,
    y: y(n) + 4,
    anchor: 'end',
  }));
  const tick = here === null ? null : Math.min(here, maximum);
  return (
    <AreaChart
      width={width}
      height={height}
      data={edges}
      margin={{ top: TOP, bottom: FOOT, left, right: width - scale.right }}
      accessibilityLayer={false}
    >
      <XAxis hide type="number" dataKey="at" domain={[0, maximum]} />
      <YAxis hide type="number" domain={[0, 1]} />
      <Area className="still-bars" dataKey="high" type="stepAfter" isAnimationActive={false} activeDot={false} />
      {tick !== null && <ReferenceLine className="still-here" x={tick} />}
      {tick !== null && <Here x={placeOf(tick, scale)} width={width} />}
      {spread(heights, TOP, foot - 1).map((label) => (
        <text key={label.says} x={label.x} y={label.y} textAnchor="end">
          {label.says}
        </text>
      ))}
      <path className="still-axis" d={`M${left - 0.5} ${TOP}V${y(1)}`} />
      <RangeAxis scale={scale} y={foot} labels={axisLabels(scale, width, height - 5, figure)} />
    </AreaChart>
  );
}

/** Names the token's place above the bars, on the side that has room. */
function Here({ x, width }: { x: number; width: number }) {
  const after = x + 4 + widthOf('this token') <= width;
  return (
    <text x={after ? x + 4 : x - 4} y={TOP - 4} textAnchor={after ? 'start' : 'end'} className="still-here">
      this token
    </text>
  );
}
