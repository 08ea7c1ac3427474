import { figure, fvu, surprisal } from '../../lens/maths/figures';
import { shade } from '../../state/base/shade';
import type { ViewState } from '../../state/base/view';
import type { Chip } from '../../state/reading/chips';
import type { Scale } from '../../state/reading/select';

/** Whether position 0 is drawn and takes part in the scale: if it is counted, locked, or the only token. The features
 *  listed for it must be visible. */
export const countsFirst = ({ first, locked }: Pick<ViewState, 'first' | 'locked'>, tokens: number): boolean =>
  first || locked === 0 || tokens === 1;

/** Largest value over a chip's positions; NaN counts as none. */
export function chipValue(chip: Pick<Chip, 'from' | 'to'>, values: ArrayLike<number>): number {
  let most = Number.NaN;
  for (let t = chip.from; t <= chip.to; t++) {
    const value = values[t] ?? Number.NaN;
    if (Number.isFinite(value) && !(value <= most)) most = value;
  }
  return most;
}

/** Opacity of a chip's fill, 0..1; position 0 has none unless it is counted. */
export function chipFill(
  chip: Pick<Chip, 'from' | 'to'>,
  scale: Pick<Scale, 'values' | 'end'>,
  first: boolean,
): number {
  return chip.from === 0 && !first ? 0 : shade(chipValue(chip, scale.values), scale.end);
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
