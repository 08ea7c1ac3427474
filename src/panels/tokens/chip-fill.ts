import { figure, fvu, surprisal } from '../../lens/maths/figures';
import { shade } from '../../state/base/shade';
import type { ViewState } from '../../state/base/view';
import { type Chip, chipAt, isTemplate } from '../../state/reading/chips';
import { type Counted, counts } from '../../state/reading/positions';
import type { Scale } from '../../state/reading/select';
import { holdsSink, type Sinks } from '../../state/reading/sinks';
import type { Reading } from '../../state/reading/trace';

/** Which tokens are drawn and take part in the scale beside the others: those that are counted. What is listed for a
 *  locked token must be visible, so that sinks count where one of them is locked, and the template's tokens where one of
 *  those is. */
export function countedOf(
  { first, template, locked }: Pick<ViewState, 'first' | 'template' | 'locked'>,
  { chips }: Pick<Reading, 'chips'>,
  sinks: Sinks,
): Counted {
  const chip = chipAt(chips, locked);
  return {
    first: first || (chip !== null && holdsSink(chip, sinks)),
    template: template || (chip !== null && isTemplate(chip)),
    sinks,
  };
}

/** Largest value over a chip's positions; NaN counts as none. */
export function chipValue(chip: Pick<Chip, 'from' | 'to'>, values: ArrayLike<number>): number {
  let most = Number.NaN;
  for (let t = chip.from; t <= chip.to; t++) {
    const value = values[t] ?? Number.NaN;
    if (Number.isFinite(value) && !(value <= most)) most = value;
  }
  return most;
}

/** Opacity of a chip's fill, 0..1; of one that is not counted none. */
export function chipFill(
  chip: Pick<Chip, 'from' | 'to' | 'span'>,
  scale: Pick<Scale, 'values' | 'end'>,
  counted: Counted,
): number {
  return counts(chip, counted) ? shade(chipValue(chip, scale.values), scale.end) : 0;
}

/** Each quantity of a token in words, the same in the read-out and for a screen reader. */
export const says = {
  activation: (name: string, value: number): string => `${name} ${figure(value)}`,
  surprisal: (value: number): string => `surprisal ${surprisal(value)} nats`,
  error: (name: string, value: number): string => `${name} ${fvu(value)}`,
};

/** The quantity that the chips are coloured by, of one of them, in words. Names: the feature's, null where none is
 *  chosen, and that of the error. */
export function colourSays(
  colour: ViewState['colour'],
  name: string | null,
  error: string,
  value: number,
): string | null {
  if (colour === 'fvu') return says.error(error, value);
  if (colour === 'surprisal') return Number.isNaN(value) ? 'no surprisal' : says.surprisal(value);
  return name === null ? null : says.activation(name, value);
}

/** Positions of a chip in words: "2", or "2 to 4" where several tokens share a character. */
export const positionSays = ({ from, to }: Pick<Chip, 'from' | 'to'>, between = ' to '): string =>
  from === to ? `${from}` : `${from}${between}${to}`;
