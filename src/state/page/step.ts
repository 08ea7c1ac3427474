import { selectRanking, selectShownFeature } from './selectors';
import type { Stores } from './stores';

type Parts = Pick<Stores, 'page' | 'view'>;

/** Locks the next (1) or the previous (-1) token; if no token is locked, the first or the last. `extend` grows the
 *  selection. If a token of a generated text is locked, moves within that text. */
export function stepToken({ page, view }: Parts, by: 1 | -1, extend = false): void {
  const { tracer, runner, view: now } = page.getState();
  const { locked, generated } = now;
  if (generated) {
    const length = runner.streams?.[generated.stream]?.length ?? 0;
    const index = Math.min(length - 1, Math.max(0, generated.index + by));
    if (index >= 0) view.set({ generated: { ...generated, index } });
    return;
  }
  const chips = tracer.reading?.chips ?? [];
  const at = locked === null ? (by > 0 ? -1 : chips.length) : chips.findIndex((chip) => chip.from === locked);
  const chip = chips[Math.min(chips.length - 1, Math.max(0, at + by))];
  if (chip) view.select(chip.from, extend && locked !== null);
}

/** Chooses the next (1) or the one before (-1) of the listed features; false where their list is not on show. */
export function stepFeature({ page, view }: Parts, by: 1 | -1): boolean {
  const state = page.getState();
  const rows = selectRanking(state)?.rows;
  if (!rows || state.view.list !== 'active' || state.view.generated) return false;
  const shown = selectShownFeature(state);
  const at = rows.findIndex(({ id }) => id === shown);
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
  if (next) view.set({ feature: next.id, colour: 'feature' });
  return true;
}
