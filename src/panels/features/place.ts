import type { ViewState } from '../../state/base/view';
import { isTemplate } from '../../state/reading/chips';
import { isConversation } from '../../state/reading/positions';
import { scopeSays } from '../../state/reading/scopes';
import { lockedChip, selectionOf } from '../../state/reading/selection';
import { holdsSink, type Sinks, sinksAt } from '../../state/reading/sinks';
import type { Reading } from '../../state/reading/trace';
import { spoken } from '../../ui/token-pieces';

/** The positions that a list or a value at a site is over, in words. */
export function placeSays(
  reading: Reading,
  layer: number,
  view: Pick<ViewState, 'locked' | 'anchor' | 'scope' | 'first' | 'template'>,
): string {
  const span = selectionOf(reading, view);
  const chip = lockedChip(reading, view);
  if (span && chip && span.from === chip.from && span.to === chip.to) return `on “${spoken(chip.text)}”`;
  const chips = span ? reading.chips.filter(({ from, to }) => to >= span.from && from <= span.to) : reading.chips;
  const without = leftOut([{ chips, sinks: sinksAt(reading, layer) }], view);
  if (span) return `on tokens ${span.from} to ${span.to}${without}`;
  const where = isConversation(reading) ? 'the conversation' : 'the text';
  return `in ${isConversation(reading) && view.scope !== null ? scopeSays(view.scope) : where}${without}`;
}

/** What of some texts takes no part, in words. */
export function leftOut(
  texts: readonly (Pick<Reading, 'chips'> & { sinks: Sinks })[],
  { first, template }: Pick<ViewState, 'first' | 'template'>,
): string {
  const out = texts.flatMap(({ chips, sinks }) =>
    chips.filter((chip) => !first && (template || !isTemplate(chip)) && holdsSink(chip, sinks)),
  );
  const further = out.filter(({ from }) => from > 0).length;
  const parts = [
    !template && texts.some(isConversation) && 'template',
    further < out.length && 'first token',
    further > 0 && `${further} ${further === 1 ? 'sink' : 'sinks'}`,
  ].filter(Boolean);
  return parts.length ? `, ${parts.join(' and ')} left out` : '';
}
