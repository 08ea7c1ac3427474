import { useMemo } from 'react';
import { useStore } from 'zustand';
import { figure } from '../../lens/maths/figures';
import { latentOf } from '../../lens/maths/report';
import { unitOf } from '../../state/reading/maximum';
import { peak } from '../../state/reading/rank';
import { MOST_LANES, type Pin } from '../tokens/Chips';
import { useBench, useReading } from '../use-workbench';
import { usePinned } from './use-notes';

/** The lanes of the site's pinned features, the first three by the time they were pinned, and how many more there are.
 *  The same array until one of them changes. */
export function usePins(): { pins: Pin[]; more: number } {
  const bench = useBench();
  const found = useReading();
  const seen = useStore(bench.tracer.store, (s) => s.seen);
  const pinned = usePinned(found?.site.layer ?? -1);
  const lanes = pinned.slice(0, MOST_LANES).map(({ layer, feature, name }) => [layer, feature, name] as const);
  const key = JSON.stringify(lanes);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says what the lanes are
  const pins = useMemo(() => {
    if (!found) return [];
    return lanes.map(([layer, feature, name]) => {
      const values = latentOf(found.codes, feature);
      const unit = unitOf(found.site, feature, seen);
      const end = unit.source === 'none' ? peak(values, values.keys()) : unit.value;
      return { name: name ? `${layer}:${feature} “${name}”` : `${layer}:${feature}`, values, end };
    });
  }, [found, key, seen]);
  return { pins, more: Math.max(0, pinned.length - MOST_LANES) };
}

/** Which lanes these are, in order, and their scale. */
export function pinsSay(pins: readonly Pin[], more: number): string {
  const lanes = pins.map(({ name, end }) => `${name} 0 to ${figure(end)}`);
  return `pinned: ${lanes.join('; ')}; log${more ? `; +${more} more pinned` : ''}`;
}
