import { nats } from '../../lens/maths/figures';
import { ASCENT, clear, DESCENT, type Label, spread, widthOf } from '../../ui/labels';
import { tickSays, ticksWithin } from '../../ui/ticks';
import { type KlPoint, klEnd, LEFT, lastOf, RIGHT, xOf } from './kl-series';

/** Room above and below the axes for half a line and for the tokens' numbers. */
export const TOP = 10;
export const AXIS = 20;
/** Below this KL no number of the page shows, and an axis would be of noise. */
const NO_SCALE = 0.0005;

export interface KlFrame {
  /** The largest KL, where the axis ends; 1 where there is none to show, so that lines lie on the foot. */
  end: number;
  flat: boolean;
  foot: number;
  x: (i: number) => number;
  y: (kl: number) => number;
}

export function klFrame(points: readonly KlPoint[], width: number, height: number): KlFrame {
  const largest = klEnd(points);
  const flat = largest < NO_SCALE;
  const end = flat ? 1 : largest;
  const foot = height - AXIS;
  return {
    end,
    flat,
    foot,
    x: (i) => xOf(i, width, points.length),
    y: (kl) => foot - (kl / end) * (foot - TOP),
  };
}

export interface KlLabel extends Label {
  of: 'axis' | 'steered' | 'control' | 'band';
}

/** Every text of the chart, none over another: ends of the axes first, then the names at the line ends, then what
 *  still has room. Names stand above the foot, so that none reads on from the last token's number below it. */
export function klLabels(points: readonly KlPoint[], draws: number, width: number, height: number): KlLabel[] {
  const { end, flat, foot, x, y } = klFrame(points, width, height);
  const n = points.length;
  const below = foot + 15;
  const scale = (kl: number, says: string): KlLabel => ({ of: 'axis', says, x: LEFT - 8, y: y(kl) + 4, anchor: 'end' });
  const token = (i: number): KlLabel => ({ of: 'axis', says: `${i + 1}`, x: x(i), y: below, anchor: 'middle' });
  const ends: KlLabel[] = [scale(0, '0'), ...(flat ? [] : [scale(end, nats(end))]), token(0), token(n - 1)];
  const names = spread(
    (['steered', 'control'] as const).flatMap((key): KlLabel[] => {
      const i = lastOf(points, key);
      if (i < 0) return [];
      const left = Math.min(x(i) + 5, width - widthOf(key));
      return [{ of: key, says: key, x: left, y: y(points[i]![key]!) + 4, anchor: 'start' }];
    }),
    ASCENT,
    foot - DESCENT,
  );
  const middle = { of: 'band' as const, x: (LEFT + width - RIGHT) / 2, y: below, anchor: 'middle' as const };
  const bands = draws > 0 ? [`band: ${draws} more draws, low to high`, `band: ${draws} more draws`] : [];
  const kept = [...ends, ...names];
  const band = bands.map((says): KlLabel => ({ ...middle, says })).find((label) => clear([label], kept).length > 0);
  const ticks = [
    ...(flat ? [] : ticksWithin(end, 3).map((kl) => scale(kl, tickSays(kl)))),
    ...ticksWithin(n, 5)
      .filter(Number.isInteger)
      .map((number) => token(number - 1)),
  ];
  const texts = band ? [...kept, band] : kept;
  return [...texts, ...clear(ticks, texts)];
}
