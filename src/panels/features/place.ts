import type { ViewState } from '../../state/base/view';
import { lockedChip, selectionOf } from '../../state/reading/select';
import type { Reading } from '../../state/reading/trace';
import { spoken } from '../../ui/token-pieces';

/** The positions that a list or a value is over, in words. */
export function placeSays(reading: Reading, view: Pick<ViewState, 'locked' | 'anchor' | 'first'>): string {
  const span = selectionOf(reading, view);
  const chip = lockedChip(reading, view);
  if (span && chip && span.from === chip.from && span.to === chip.to) return `on “${spoken(chip.text)}”`;
  if (span) return `on tokens ${span.from} to ${span.to}`;
  return `in the text${view.first ? '' : ', first token left out'}`;
}
