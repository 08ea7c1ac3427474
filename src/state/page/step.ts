import { siteOf } from '../reading/select';
import type { Workbench } from './workbench';

/** Locks the next (1) or the one before (-1) of the tokens; the first or the last where none is locked. With `extend`
 *  the selection grows. In a generated text it goes through that. */
export function stepToken(bench: Workbench, by: 1 | -1, extend = false): void {
  const { locked, generated } = bench.view.store.getState();
  if (generated) {
    const length = bench.runner.store.getState().streams?.[generated.stream]?.length ?? 0;
    const index = Math.min(length - 1, Math.max(0, generated.index + by));
    if (index >= 0) bench.view.set({ generated: { ...generated, index } });
    return;
  }
  const { reading } = bench.tracer.store.getState();
  if (!reading?.chips.length) return;
  const at =
    locked === null ? (by > 0 ? -1 : reading.chips.length) : reading.chips.findIndex((chip) => chip.from === locked);
  const chip = reading.chips[Math.min(reading.chips.length - 1, Math.max(0, at + by))]!;
  bench.view.select(chip.from, extend && locked !== null);
}

/** Chooses the next (1) or the one before (-1) of the listed features; false where their list is not on show. */
export function stepFeature(bench: Workbench, by: 1 | -1): boolean {
  const { reading, seen } = bench.tracer.store.getState();
  const state = bench.view.store.getState();
  const site = siteOf(bench.engine.store.getState().info, state.site);
  if (!reading || !site || state.list !== 'active' || state.generated) return false;
  const { rows } = bench.ranking(reading, site, seen, state);
  const at = rows.findIndex(({ id }) => id === bench.shownFeature());
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
  if (next) bench.view.set({ feature: next.id, colour: 'feature' });
  return true;
}
