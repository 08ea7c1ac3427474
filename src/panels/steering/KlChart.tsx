import { Area, ComposedChart, Line, ReferenceLine, XAxis, YAxis } from 'recharts';
import { figure } from '../../ui/format';
import { type KlPoint, klEnd, lastOf } from './kl-series';

interface Props {
  points: KlPoint[];
  /** Controls in the band; 0: no band. */
  draws: number;
  width: number;
  height: number;
  step: number | null;
  onStep: (step: number | null) => void;
}

const RIGHT = 46;
const LEFT = 38;
const AXIS = 18;
/** Below this KL no number of the page shows, and an axis would be of noise. */
const NO_SCALE = 0.0005;
/** Width in pixels between which the band's whole label fits, clear of the axis's ends. */
const LABEL_ROOM = 190;

/** KL over generated tokens in a range frame: axes end at the data and say so; the control's band lies behind, labels stand at the line ends. */
export default function KlChart({ points, draws, width, height, step, onStep }: Props) {
  const largest = klEnd(points);
  const flat = largest < NO_SCALE;
  const end = flat ? 1 : largest;
  const alone = points.length === 1 ? points[0] : undefined;
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
        height={AXIS}
      />
      <YAxis
        domain={[0, end]}
        ticks={flat ? [0] : [0, end]}
        interval={0}
        tickFormatter={(v: number) => (v === 0 ? '0' : figure(v))}
        tickLine={false}
        width={LEFT}
      />
      <Area
        dataKey="band"
        className="kl-band"
        fill="url(#hatch)"
        fillOpacity={1}
        stroke="var(--control)"
        isAnimationActive={false}
        dot={false}
        activeDot={false}
        connectNulls={false}
      />
      {alone?.band && (
        <ReferenceLine
          className="kl-range"
          segment={[
            { x: 1, y: alone.band[0] },
            { x: 1, y: alone.band[1] },
          ]}
        />
      )}
      <Line
        dataKey="control"
        className="kl-line kl-control"
        stroke="var(--control)"
        dot={false}
        activeDot={false}
        isAnimationActive={false}
        label={label('control')}
      />
      <Line
        dataKey="steered"
        className="kl-line kl-steered"
        stroke="var(--intervention)"
        dot={false}
        activeDot={false}
        isAnimationActive={false}
        label={label('steered')}
      />
      {step !== null && points[step] && <ReferenceLine x={points[step].token} className="kl-cursor" />}
      {draws > 0 && <BandLabel draws={draws} from={LEFT} to={alone ? LEFT : width - RIGHT} y={height - 3} />}
    </ComposedChart>
  );
}

/** Names the band between the ends of the axis below it, where nothing else stands; over a single token that is the axis's start. */
function BandLabel({ draws, from, to, y }: { draws: number; from: number; to: number; y: number }) {
  return (
    <text x={(from + to) / 2} y={y} textAnchor={from === to ? 'start' : 'middle'}>
      band: {draws} draws{to - from > LABEL_ROOM && ', low to high'}
    </text>
  );
}
