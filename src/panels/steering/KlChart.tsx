import { Area, ComposedChart, Line, ReferenceLine, XAxis, YAxis } from 'recharts';
import { fixed } from '../../ui/format';
import { type KlPoint, klEnd, lastOf } from './kl-series';

interface Props {
  points: KlPoint[];
  width: number;
  height: number;
  step: number | null;
  onStep: (step: number | null) => void;
}

const RIGHT = 46;

/** KL over generated tokens in a range frame: axes end at the data and say so; the control's band lies behind, labels stand at the line ends. */
export default function KlChart({ points, width, height, step, onStep }: Props) {
  const end = klEnd(points) || 1;
  const ends = { steered: lastOf(points, 'steered'), control: lastOf(points, 'control') };
  const [steeredEnd, controlEnd] = [points[ends.steered]?.steered ?? 0, points[ends.control]?.control ?? 0];
  const close = Math.abs(steeredEnd - controlEnd) / end < 0.12;
  const label = (key: 'steered' | 'control') => (props: { x?: number | string; y?: number | string; index?: number }) => {
    if (props.index !== ends[key]) return <g />;
    const away = close ? (steeredEnd >= controlEnd === (key === 'steered') ? -6 : 7) : 0;
    return (
      <text className={`kl-label kl-${key}`} x={Number(props.x) + 5} y={Number(props.y) + 4 + away}>
        {key}
      </text>
    );
  };
  return (
    <ComposedChart
      width={width}
      height={height}
      data={points}
      margin={{ top: 8, right: RIGHT, bottom: 2, left: 0 }}
      accessibilityLayer={false}
      onMouseMove={(state) => onStep(state.activeTooltipIndex === undefined || state.activeTooltipIndex === null ? null : Number(state.activeTooltipIndex))}
      onMouseLeave={() => onStep(null)}
    >
      <defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line className="kl-hatch" x1="0" x2="0" y1="0" y2="5" />
        </pattern>
      </defs>
      <XAxis
        dataKey="token"
        type="number"
        domain={[1, points.length]}
        ticks={points.length > 1 ? [1, points.length] : [1]}
        interval={0}
        tickLine={false}
        height={18}
      />
      <YAxis domain={[0, end]} ticks={[0, end]} interval={0} tickFormatter={(v: number) => (v === 0 ? '0' : fixed(v, 2))} tickLine={false} width={38} />
      <Area dataKey="band" className="kl-band" fill="url(#hatch)" stroke="none" isAnimationActive={false} activeDot={false} connectNulls={false} />
      <Line dataKey="control" className="kl-line kl-control" dot={false} activeDot={false} isAnimationActive={false} label={label('control')} />
      <Line dataKey="steered" className="kl-line kl-steered" dot={false} activeDot={false} isAnimationActive={false} label={label('steered')} />
      {step !== null && points[step] && <ReferenceLine x={points[step].token} className="kl-cursor" />}
    </ComposedChart>
  );
}
