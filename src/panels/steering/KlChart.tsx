import { memo } from 'react';
import { nats } from '../../lens/maths/figures';
import { type KlLabel, klFrame, klLabels, TOP } from './kl-labels';
import { areaPath, linePath } from './kl-path';
import { type KlPoint, klEnd, LEFT } from './kl-series';

interface Props {
  /** At least two: a line through one point is none. */
  points: readonly KlPoint[];
  /** Controls in the band; 0: no band. */
  draws: number;
  width: number;
  height: number;
}

/** KL over generated tokens in a range frame: axes end at the data and say so; the control's band lies behind, labels
 *  stand at the line ends. It is drawn many times a second while text streams, so it is a handful of paths and nothing
 *  else. */
export const KlChart = memo(function KlChart({ points, draws, width, height }: Props) {
  const { flat, foot, x, y } = klFrame(points, width, height);
  const n = points.length;
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={`KL(steered || baseline) over ${n} tokens, 0 to ${nats(klEnd(points))} nats`}
    >
      <defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line className="kl-hatch" x1="0" x2="0" y1="0" y2="5" />
        </pattern>
      </defs>
      <path className="kl-axis" d={`M${LEFT} ${flat ? foot : TOP}V${foot}H${x(n - 1)}`} />
      <path
        className="kl-band"
        d={areaPath(
          points.map((point) => point.band),
          x,
          y,
        )}
      />
      {(['control', 'steered'] as const).map((of) => (
        <path
          key={of}
          className={`kl-line kl-${of}`}
          d={linePath(
            points.map((point) => point[of]),
            x,
            y,
          )}
        />
      ))}
      {klLabels(points, draws, width, height).map((label) => (
        <Text key={`${label.of} ${label.says} ${label.anchor}`} {...label} />
      ))}
    </svg>
  );
});

function Text({ of, says, x, y, anchor }: KlLabel) {
  return (
    <text
      className={of === 'steered' || of === 'control' ? `kl-label kl-${of}` : undefined}
      x={x}
      y={y}
      textAnchor={anchor}
    >
      {says}
    </text>
  );
}
