import { clear, type Label, widthOf } from '../../ui/labels';
import { tickSays, ticksWithin } from '../../ui/ticks';

/** Room below a plot for its axis's figures, and a pixel for its line. */
export const FOOT = 20;

export interface Scale {
  low: number;
  high: number;
  left: number;
  right: number;
}

/** Where a value stands. Where all are alike, that is the axis's start. */
export const placeOf = (value: number, { low, high, left, right }: Scale): number =>
  high > low ? left + ((value - low) / (high - low)) * (right - left) : left;

/** The axis's figures: its two ends, the data's own, which are moved in where they would stand out of the chart, and
 *  between them round values that have room. */
export function axisLabels(scale: Scale, width: number, y: number, says: (value: number) => string): Label[] {
  const { low, high } = scale;
  const at = (value: number, text: string): Label => {
    const half = widthOf(text) / 2;
    const x = Math.min(width - half, Math.max(half, placeOf(value, scale)));
    return { says: text, x, y, anchor: 'middle' };
  };
  const end = (value: number) => at(value, value === 0 ? '0' : says(value));
  if (!(high > low)) return [end(low)];
  const across = Math.max(0, Math.floor((scale.right - scale.left) / 70));
  const span = low >= 0 ? high : high - low;
  const round = ticksWithin(span, across + 1).flatMap((tick) => (low < 0 ? [tick, -tick] : [tick]));
  const between = [...round, ...(low < 0 ? [0] : [])].filter((tick) => tick > low && tick < high);
  return clear([end(low), end(high), ...between.map((tick) => at(tick, tickSays(tick)))]);
}

/** The axis of a range frame, as recharts draws an axis: a line from the data's minimum to its maximum, and the
 *  labels. */
export function RangeAxis({ scale, y, labels }: { scale: Scale; y: number; labels: readonly Label[] }) {
  return (
    <g className="still-axis">
      <path d={`M${scale.left} ${y + 0.5}H${scale.right}`} />
      {labels.map(({ says, x, y: foot }) => (
        <text key={`${says} ${x}`} x={x} y={foot} textAnchor="middle">
          {says}
        </text>
      ))}
    </g>
  );
}
