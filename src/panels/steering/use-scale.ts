import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { siteOf } from '../../state/reading/select';
import { sinksAt } from '../../state/reading/sinks';
import { amountShown, type EditRow, type Setting } from '../../state/steering/edits';
import { beyond, centredMedian, largestOf, normOf, type Range, rangeOf, ticksOf } from '../../state/steering/range';
import { amountOf, isFactor, scalesOf, strengthFrom, unitsOf } from '../../state/steering/unit';
import { useBench, useUnit } from '../use-workbench';
import { beyondSays, beyondShort, marksSay, naturalSays } from './edit-words';

export type RowScale = ReturnType<typeof useScale>;

/** What the scale of a row's slider shows of its feature. Text and feature are read once, not at every step of a
 *  drag. */
export function useScale(row: EditRow) {
  const bench = useBench();
  const site = useStore(bench.engine.store, (s) => siteOf(s.info, row.layer)) ?? null;
  const codes = useStore(bench.tracer.store, (s) => s.reading?.sites[row.layer]);
  const sinks = useStore(bench.tracer.store, (s) => s.reading && sinksAt(s.reading, row.layer));
  const natural = useUnit(row.layer, row.feature);
  const length = useRowLength(row);
  const { feature, mode } = row;
  const centred = useMemo(() => (codes && sinks ? centredMedian(codes, sinks) : null), [codes, sinks]);
  const norm = useMemo(() => normOf(site, codes, sinks), [site, codes, sinks]);
  const largest = useMemo(() => (codes && sinks ? largestOf(codes, { feature }, sinks) : 0), [codes, sinks, feature]);
  const stored = natural.source === 'statistics' ? natural.value : null;
  const scales = scalesOf(stored, norm, length);
  const { unit, amount } = amountShown(row, scales);
  const { range, hold } = useHeld(rangeOf(mode, unit, amount, scales), `${mode} ${unit}`);
  const out = beyond(row, natural, largest);
  const given = !isFactor(mode);
  const one = (strength: number) => amountOf(strength, unit, scales);
  const known = natural.source !== 'none';
  const tenth = mode === 'add' && centred !== null && length ? one((0.1 * centred) / length) : null;
  const says = [naturalSays(natural, site, length), tenth !== null && site && marksSay(centred!, site.center)];
  return {
    unit,
    amount,
    natural,
    units: unitsOf(mode, scales),
    /** What a row is set to by an amount of the unit shown. */
    typed: (typed: number): Pick<Setting, 'strength'> => ({ strength: strengthFrom(typed, unit, scales) }),
    ...range,
    hold,
    ticks: ticksOf(range),
    // Of a latent that is scaled the feature's own maximum lies further out the weaker it is here.
    bracket: given
      ? known
        ? ([mode === 'add' ? -one(natural.value) : 0, one(natural.value)] as const)
        : undefined
      : mode === 'scale' && largest > 0 && known
        ? ([-1, Math.max(0, natural.value / largest - 1)] as const)
        : undefined,
    marks: tenth === null ? undefined : [-tenth, tenth],
    says: says.filter(Boolean).join(' '),
    beyond: beyondSays(out),
    beyondShort: beyondShort(out),
  };
}

/** A slider's range, which does not shrink under the hand: `hold` when the slider has the focus, and has it no more.
 *  `of`: what the range is of. */
function useHeld(range: Range, of: string): { range: Range; hold: (on: boolean) => void } {
  const [held, setHeld] = useState<(Range & { of: string }) | null>(null);
  const holds = held?.of === of && held.min <= range.min && held.max >= range.max;
  return { range: holds ? held : range, hold: (on) => setHeld(on ? { ...range, of } : null) };
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
