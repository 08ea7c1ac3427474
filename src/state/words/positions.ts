import type { ViewState } from '../base/view';
import { isConversation, positionsOver } from '../reading/positions';
import { lockedChip, selectionOf } from '../reading/selection';
import { holdsSink, sinksAt } from '../reading/sinks';
import type { Reading } from '../reading/trace';

/** The positions that are put into words: the selection's, the locked token's, or else the last one. Of tokens that
 *  share a character, the last. */
export function positionsOf(reading: Reading | null, view: Pick<ViewState, 'locked' | 'anchor'>): number[] {
  if (!reading?.count) return [];
  const span = selectionOf(reading, view);
  if (!span) return [(lockedChip(reading, view) ?? reading.chips.at(-1)!).to];
  return reading.chips.filter((chip) => chip.from <= span.to && chip.to >= span.from).map((chip) => chip.to);
}

/** The last token that its speaker wrote of each turn, of those in scope. It has read the whole turn. Where that is a
 *  sink at the layer that is read, the last one before it that is none, if there is one. */
export function turnEnds(
  reading: Reading | null,
  { scope, first }: Pick<ViewState, 'scope' | 'first'>,
  layer: number | null,
): number[] {
  if (!reading || !isConversation(reading)) return [];
  const sinks = sinksAt(reading, layer);
  const said = new Set(positionsOver(reading, scope, { first: true, template: false, sinks }));
  const ends = new Map<number | null, number>();
  for (const chip of reading.chips) {
    const { to, span } = chip;
    if (span && said.has(to) && (first || !ends.has(span.turn) || !holdsSink(chip, sinks))) ends.set(span.turn, to);
  }
  return [...ends.values()];
}
