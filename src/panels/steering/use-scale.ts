import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { siteOf } from '../../state/reading/select';
import { sinksAt } from '../../state/reading/sinks';
import type { EditRow } from '../../state/steering/edits';
import { beyond, centredMedian, largestOf, rangeOf, ticksOf } from '../../state/steering/range';
import { useBench, useUnit } from '../use-workbench';
import { beyondSays, beyondShort, marksSay, naturalSays } from './edit-words';

export type RowScale = ReturnType<typeof useScale>;

/** What the scale of a row's slider shows of its feature. Text and feature are read once, not at every step of a drag. */
export function useScale(row: EditRow) {
  const bench = useBench();
  const site = useStore(bench.engine.store, (s) => siteOf(s.info, row.layer)) ?? null;
  const codes = useStore(bench.tracer.store, (s) => s.reading?.sites[row.layer]);
  const sinks = useStore(bench.tracer.store, (s) => s.reading && sinksAt(s.reading, row.layer));
  const unit = useUnit(row.layer, row.feature);
  const length = useRowLength(row);
  const { feature } = row;
  const { min, max } = rangeOf(row.mode, unit, site);
  const centred = useMemo(() => (codes && sinks ? centredMedian(codes, sinks) : null), [codes, sinks]);
  const largest = useMemo(() => (codes && sinks ? largestOf(codes, { feature }, sinks) : 0), [codes, sinks, feature]);
  const out = beyond(row, unit, largest);
  const given = row.mode === 'add' || row.mode === 'clamp';
  const tenth = row.mode === 'add' && centred !== null && length ? (0.1 * centred) / (unit.value * length) : null;
  const says = [naturalSays(unit, site, length), tenth !== null && site && marksSay(centred!, site.center)];
  return {
    unit,
    min,
    max,
    ticks: ticksOf({ min, max }),
    step: row.mode === 'ablate' ? 0.05 : max / 60,
    // Of a latent that is scaled the feature's own maximum lies further out the weaker it is here.
    bracket: given
      ? unit.source === 'none'
        ? undefined
        : ([row.mode === 'add' ? -1 : 0, 1] as const)
      : row.mode === 'scale' && largest > 0
        ? ([-1, Math.max(0, unit.value / largest - 1)] as const)
        : undefined,
    marks: tenth === null ? undefined : [-tenth, tenth],
    says: says.filter(Boolean).join(' '),
    beyond: beyondSays(out),
    beyondShort: beyondShort(out),
  };
}

/** Norm of the decoder row that an edit moves along; null until it is known. */
function useRowLength({ layer, feature, closed }: EditRow): number | null {
  const bench = useBench();
  const lens = useStore(bench.engine.store, (s) => s.lens);
  const [known, setKnown] = useState<{ of: string; length: number } | null>(null);
  const name = `${layer}:${feature}`;
  useEffect(() => {
    if (!lens || closed) return;
    let here = true;
    void bench.rowLength(layer, feature).then((length) => {
      if (here && length !== null) setKnown({ of: `${layer}:${feature}`, length });
    });
    return () => {
      here = false;
    };
  }, [bench, lens, layer, feature, closed]);
  return known?.of === name ? known.length : null;
}
