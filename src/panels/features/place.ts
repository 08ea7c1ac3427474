import type { ViewState } from '../../state/base/view';
import { type Counted, isConversation } from '../../state/reading/positions';
import { scopeSays } from '../../state/reading/scopes';
import { lockedChip, selectionOf } from '../../state/reading/selection';
import type { Reading } from '../../state/reading/trace';
import { spoken } from '../../ui/token-pieces';

/** The positions that a list or a value is over, in words. */
export function placeSays(
  reading: Reading,
  view: Pick<ViewState, 'locked' | 'anchor' | 'scope' | 'first' | 'template'>,
): string {
  const span = selectionOf(reading, view);
  const chip = lockedChip(reading, view);
  if (span && chip && span.from === chip.from && span.to === chip.to) return `on “${spoken(chip.text)}”`;
  const without = isConversation(reading) && !view.template ? ', template left out' : '';
  if (span) return `on tokens ${span.from} to ${span.to}${without}`;
  if (isConversation(reading)) {
    const where = view.scope === null ? 'the conversation' : scopeSays(view.scope);
    return `in ${where}${leftOut(true, view)}`;
  }
  return `in the text${leftOut(false, view)}`;
}

/** What takes no part, in words; position 0 of a conversation is the template's. */
export function leftOut(conversation: boolean, { first, template }: Counted): string {
  if (conversation && !template) return ', template left out';
  return first ? '' : ', first token left out';
}
