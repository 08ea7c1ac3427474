import { InvalidEditError } from '../../lens/api/errors';
import { type Place, parseWhere, reaches } from '../../lens/maths/where';
import type { ViewState } from '../base/view';
import { type Chip, isTemplate } from './chips';
import { selectionOf } from './selection';
import { holdsSink, type Sinks } from './sinks';
import type { Reading } from './trace';

/** Whether sinks at a site, position 0 among them, and the tokens of a conversation's template take part in lists and
 *  scales. */
export type Counted = Pick<ViewState, 'first' | 'template'> & { sinks: Sinks };

type Text = Pick<Reading, 'chips'>;

/** Whether a chip takes part. */
export const counts = (chip: Pick<Chip, 'from' | 'to' | 'span'>, { first, template, sinks }: Counted): boolean =>
  (first || !holdsSink(chip, sinks)) && (template || !isTemplate(chip));

const positionsIn = (chips: readonly Chip[]): number[] =>
  chips.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));

/** The positions of a whole text that take part. */
export const allPositions = ({ chips }: Text, counted: Counted): number[] =>
  positionsIn(chips.filter((chip) => counts(chip, counted)));

/** The positions that take part of those that a written form of Edit.where reaches; of a plain text all, since it has no
 *  turns. */
export function positionsOver(
  reading: Pick<Reading, 'chips' | 'count'>,
  scope: string | null,
  counted: Counted,
): number[] {
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

/** The positions that lists and figures are over: those selected, of several without the template's and without sinks,
 *  unless they are all there is; else what is in scope; else the whole text. */
export function positionsOf(
  reading: Pick<Reading, 'chips' | 'count'>,
  view: Counted & Pick<ViewState, 'locked' | 'anchor' | 'scope'>,
): number[] {
  const span = selectionOf(reading, view);
  if (!span) return positionsOver(reading, view.scope, view);
  const selected = reading.chips.filter((chip) => chip.to >= span.from && chip.from <= span.to);
  const said = selected.filter((chip) => view.template || !isTemplate(chip));
  const counted = said.filter((chip) => counts(chip, view));
  return positionsIn([counted, said, selected].find((chips) => chips.length) ?? []);
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
