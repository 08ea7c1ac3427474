import { envelope } from '../../state/steering/measure';
import type { Streams } from '../../state/steering/run';

/** One generated token of the chart; absent where a text has ended. */
export interface KlPoint {
  token: number;
  steered?: number;
  control?: number;
  band?: [number, number];
}

/** KL per generated token, counted from 1. */
export function klPoints(streams: Streams, band: readonly Float32Array[] | null): KlPoint[] {
  const spread = band ? envelope(band) : [];
  const { steered, control } = streams;
  const length = Math.max(steered?.length ?? 0, control?.length ?? 0, spread.length);
  return Array.from({ length }, (_, i) => ({
    token: i + 1,
    steered: steered?.[i]?.kl ?? undefined,
    control: control?.[i]?.kl ?? undefined,
    band: spread[i],
  }));
}

/** Largest KL on the chart: the end of its axis. */
export const klEnd = (points: readonly KlPoint[]): number =>
  points.reduce((most, p) => Math.max(most, p.steered ?? 0, p.control ?? 0, p.band?.[1] ?? 0), 0);

/** Index of the last point that has a value. */
export function lastOf(points: readonly KlPoint[], key: 'steered' | 'control'): number {
  return points.findLastIndex((point) => point[key] !== undefined);
}

/** Pixels of the chart that its axes and the labels at the line ends take. */
export const RIGHT = 58;
export const LEFT = 48;

/** Where the i-th of n tokens stands in a chart of that width. */
export const xOf = (i: number, width: number, n: number): number =>
  LEFT + (n > 1 ? (i * (width - LEFT - RIGHT)) / (n - 1) : 0);

/** The token nearest to x; null where there is none, or x is beside the axis. */
export function pointAt(x: number, width: number, n: number): number | null {
  const room = width - LEFT - RIGHT;
  if (n === 0 || room <= 0 || x < LEFT - 8 || x > width - RIGHT + 8) return null;
  return Math.min(n - 1, Math.max(0, Math.round(((x - LEFT) / room) * (n - 1))));
}
