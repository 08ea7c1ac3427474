import { envelope } from '../../state/measure';
import type { Streams } from '../../state/run';

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
export const klEnd = (points: readonly KlPoint[]): number => points.reduce((most, p) => Math.max(most, p.steered ?? 0, p.control ?? 0, p.band?.[1] ?? 0), 0);

/** Index of the last point that has a value. */
export function lastOf(points: readonly KlPoint[], key: 'steered' | 'control'): number {
  return points.findLastIndex((point) => point[key] !== undefined);
}
