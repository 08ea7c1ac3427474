import { memo } from 'react';
import { figure } from '../../lens/maths/figures';
import { areaPath, linePath } from './kl-path';
import { type KlPoint, klEnd, LEFT, lastOf, RIGHT, xOf } from './kl-series';

interface Props {
  points: readonly KlPoint[];
  /** Controls in the band; 0: no band. */
  draws: number;
  width: number;
  height: number;
}

const TOP = 8;
const AXIS = 20;
/** Below this KL no number of the page shows, and an axis would be of noise. */
const NO_SCALE = 0.0005;
/** Width in pixels between which the band's whole label fits, clear of the axis's ends. */
const LABEL_ROOM = 190;

/** KL over generated tokens in a range frame: axes end at the data and say so; the control's band lies behind, labels
 *  stand at the line ends. It is drawn many times a second while text streams, so it is a handful of paths and nothing
 *  else. */
export const KlChart = memo(function KlChart({ points, draws, width, height }: Props) {
  const largest = klEnd(points);
  const flat = largest < NO_SCALE;
  const end = flat ? 1 : largest;
  const n = points.length;
  const foot = height - AXIS;
  const x = (i: number) => xOf(i, width, n);
  const y = (kl: number) => foot - (kl / end) * (foot - TOP);
  const band = points.map((point) => point.band);
  return (
    <svg width={width} height={height} role="img" aria-label={`KL over ${n} tokens, 0 to ${figure(largest)} nats`}>
      <defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line className="kl-hatch" x1="0" x2="0" y1="0" y2="5" />
        </pattern>
      </defs>
      <path className="kl-axis" d={`M${LEFT} ${flat ? foot : TOP}V${foot}H${x(n - 1)}`} />
      <text x={LEFT - 8} y={foot + 4} textAnchor="end">
        0
      </text>
      {!flat && (
        <text x={LEFT - 8} y={TOP + 4} textAnchor="end">
          {figure(end)}
        </text>
      )}
      {(n > 1 ? [0, n - 1] : [0]).map((i) => (
        <text key={i} x={x(i)} y={foot + 16} textAnchor="middle">
          {i + 1}
        </text>
      ))}
      {n > 1 ? (
        <path className="kl-band" d={areaPath(band, x, y)} />
      ) : (
        band[0] && <line className="kl-range" x1={LEFT} x2={LEFT} y1={y(band[0][0])} y2={y(band[0][1])} />
      )}
      <Line points={points} of="control" x={x} y={y} />
      <Line points={points} of="steered" x={x} y={y} />
      <Labels points={points} x={x} y={y} />
      {draws > 0 && <BandLabel draws={draws} from={LEFT} to={n > 1 ? width - RIGHT : LEFT} y={height - 4} />}
    </svg>
  );
});

interface On {
  points: readonly KlPoint[];
  x: (i: number) => number;
  y: (kl: number) => number;
}

function Line({ points, of, x, y }: On & { of: 'steered' | 'control' }) {
  const only = points.length === 1 ? points[0]![of] : undefined;
  if (only !== undefined) return <circle className={`kl-line kl-${of}`} cx={x(0)} cy={y(only)} r="3" />;
  const values = points.map((point) => point[of]);
  return <path className={`kl-line kl-${of}`} d={linePath(values, x, y)} />;
}

/** The names at the line ends, moved apart where they would lie over each other. */
function Labels({ points, x, y }: On) {
  const ends = (['control', 'steered'] as const).flatMap((key) => {
    const i = lastOf(points, key);
    return i < 0 ? [] : [{ key, left: x(i) + 5, top: y(points[i]![key]!) }];
  });
  const [control, steered] = ends;
  const close =
    control && steered && Math.abs(control.top - steered.top) < 14 && Math.abs(control.left - steered.left) < 40;
  const steeredAbove = close && steered.top <= control.top;
  return ends.map(({ key, left, top }) => {
    const away = close ? ((key === 'steered') === steeredAbove ? -6 : 7) : 0;
    return (
      <text key={key} className={`kl-label kl-${key}`} x={left} y={top + 4 + away}>
        {key}
      </text>
    );
  });
}

/** Names the band between the ends of the axis below it, where nothing else stands; over a single token that is beside
 *  the axis's start. */
function BandLabel({ draws, from, to, y }: { draws: number; from: number; to: number; y: number }) {
  return (
    <text x={from === to ? from + 10 : (from + to) / 2} y={y} textAnchor={from === to ? 'start' : 'middle'}>
      band: {draws} draws{to - from > LABEL_ROOM && ', low to high'}
    </text>
  );
}
