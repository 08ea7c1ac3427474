import type { View, ViewState } from '../base/view';
import { type Chip, chipAt, endsOf } from './chips';
import type { Span } from './rank';
import type { Reading } from './trace';

/** What of a reading is selected by. */
type Text = Pick<Reading, 'chips'>;

/** The locked chip, or null. */
export const lockedChip = (reading: Text | null, view: Pick<ViewState, 'locked'>): Chip | null =>
  reading ? chipAt(reading.chips, view.locked) : null;

/** The selected tokens, first and last position: the locked chip, or from its chip to the anchor's; null where none is
 *  locked. */
export function selectionOf(reading: Text | null, view: Pick<ViewState, 'locked' | 'anchor'>): Span | null {
  const locked = lockedChip(reading, view);
  if (!reading || !locked) return null;
  const anchor = chipAt(reading.chips, view.anchor) ?? locked;
  return { from: Math.min(locked.from, anchor.from), to: Math.max(locked.to, anchor.to) };
}

/** Selects what the speaker wrote of some chips that follow one another. The last one is locked: it has read them all. */
export function selectChips(view: Pick<View, 'select'>, chips: readonly Chip[]): void {
  const ends = endsOf(chips);
  if (!ends) return;
  const [first, last] = ends;
  view.select(first.from, false);
  view.select(last.from, true);
}
