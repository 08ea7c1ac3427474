import { InvalidEditError } from '../../lens/api/errors';
import { type Place, parseWhere, reaches } from '../../lens/maths/where';
import type { ViewState } from '../base/view';
import { type Chip, isTemplate } from './chips';
import { selectionOf } from './selection';
import type { Reading } from './trace';

/** Whether position 0, an attention sink, and the tokens of a conversation's template take part in lists and scales. */
export type Counted = Pick<ViewState, 'first' | 'template'>;

type Text = Pick<Reading, 'chips' | 'count'>;

/** Whether a chip takes part; in a text of one token that one does. */
export const counts = (chip: Pick<Chip, 'from' | 'span'>, { first, template }: Counted): boolean =>
  (first || chip.from > 0) && (template || !isTemplate(chip));

const positionsIn = (chips: readonly Chip[]): number[] =>
  chips.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));

/** The positions of a whole text that take part. */
export const allPositions = ({ chips, count }: Text, { first, template }: Counted): number[] =>
  positionsIn(chips.filter((chip) => counts(chip, { first: first || count === 1, template })));

/** The positions that take part of those that a written form of Edit.where reaches; of a plain text all, since it has no
 *  turns. */
export function positionsOver(reading: Text, scope: string | null, counted: Counted): number[] {
  const place = scope === null || !isConversation(reading) ? null : placeIn(scope);
  if (!place) return allPositions(reading, counted);
  const { chips, count } = reading;
  return positionsIn(
    chips.filter(
      (chip) =>
        counts(chip, counted) &&
        reaches(place, { position: chip.from, prompt: count, special: chip.special, span: chip.span ?? null }),
    ),
  );
}

/** The positions that lists and figures are over: those selected, of several without the template's; else what is in
 *  scope; else the whole text. */
export function positionsOf(reading: Text, view: Counted & Pick<ViewState, 'locked' | 'anchor' | 'scope'>): number[] {
  const span = selectionOf(reading, view);
  if (!span) return positionsOver(reading, view.scope, view);
  const selected = reading.chips.filter((chip) => chip.to >= span.from && chip.from <= span.to);
  const said = selected.filter((chip) => view.template || !isTemplate(chip));
  return positionsIn(said.length ? said : selected);
}

export const isConversation = ({ chips }: Pick<Reading, 'chips'>): boolean => chips[0]?.span !== undefined;

/** A written form in parts; null where it is none. */
export function placeIn(scope: string): Place | null {
  try {
    return parseWhere(scope);
  } catch (error) {
    if (error instanceof InvalidEditError) return null;
    throw error;
  }
}
