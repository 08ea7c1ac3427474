import type { ViewState } from '../base/view';
import { lockedChip, selectionOf } from '../reading/selection';
import type { Reading } from '../reading/trace';

/** The positions that are put into words: the selection's, the locked token's, or else the last one. Of tokens that
 *  share a character, the last. */
export function positionsOf(reading: Reading | null, view: Pick<ViewState, 'locked' | 'anchor'>): number[] {
  if (!reading?.count) return [];
  const span = selectionOf(reading, view);
  if (!span) return [(lockedChip(reading, view) ?? reading.chips.at(-1)!).to];
  return reading.chips.filter((chip) => chip.from <= span.to && chip.to >= span.from).map((chip) => chip.to);
}
