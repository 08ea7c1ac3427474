import type { LensInfo } from '../../lens/api/lens';
import { type Gate, parseWhen } from '../../lens/maths/gate';
import { siteOf } from '../reading/select';
import { exact } from './unit';

/** What of a row its gate belongs to. */
interface Gated {
  layer: number;
  /** See Edit.when. */
  when?: string;
}

/** A row's gate; null where it has none. */
export const gateOf = ({ when }: Pick<Gated, 'when'>): Gate | null => (when ? parseWhen(when) : null);

/** The layers that a row needs open: its own, and that its gate reads. */
export function layersOf(row: Gated): number[] {
  const gate = gateOf(row);
  return gate && gate.layer !== row.layer ? [row.layer, gate.layer] : [row.layer];
}

/** Why a row cannot have a gate, in a sentence; null where it can. */
export function gateRefused(
  { layer, feature }: Pick<Gate, 'layer' | 'feature'>,
  row: Pick<Gated, 'layer'>,
  info: LensInfo | null,
): string | null {
  if (layer > row.layer)
    return `The gate reads layer ${layer}, which the model computes after layer ${row.layer}, where the edit acts: choose a feature of layer ${row.layer} or below.`;
  const width = siteOf(info, layer)?.width;
  if (info && width === undefined)
    return info.openable.includes(layer)
      ? `The gate reads layer ${layer}, whose dictionary is not open: open it first.`
      : `The gate reads layer ${layer}, and there is no dictionary of that layer.`;
  return width !== undefined && feature >= width
    ? `The gate reads ${layer}:${feature}, and there is no such feature.`
    : null;
}

/** The feature that a reader typed, such as 3:650; null where it is none. */
export function typedFeature(text: string): { layer: number; feature: number } | null {
  const [, layer, feature] = /^\s*(\d{1,3})\s*:\s*(\d{1,7})\s*$/.exec(text) ?? [];
  return feature === undefined ? null : { layer: Number(layer), feature: Number(feature) };
}

/** A value of a gate, as exact as a strength; none is below 0. */
export const gateValue = (value: number): number => exact(Math.max(0, value)) || 0;

/** What a gate begins as: open wherever a feature is active, that on show if the row may wait for it, else the row's
 *  own. */
export function newGate(row: Pick<Gate, 'layer' | 'feature'>, shown: { layer: number; feature: number } | null): Gate {
  const { layer, feature } = shown && shown.layer <= row.layer ? shown : row;
  return { layer, feature, above: 0, reach: 'token' };
}

/** What a gate of one kind becomes as another. One that falls shut begins halfway down. */
export function gateAs({ until: _, ...gate }: Gate, kind: 'token' | 'turn' | 'until'): Gate {
  if (kind === 'turn') return { ...gate, reach: 'turn' };
  return { ...gate, reach: 'token', ...(kind === 'until' && { until: gateValue(gate.above / 2) }) };
}
