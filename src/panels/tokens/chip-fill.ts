import type { Chip } from '../../state/chips';
import type { Scale } from '../../state/select';
import { shade } from '../../state/shade';
import type { ViewState } from '../../state/view';

/** Position 0 is drawn and takes part in the scale where it is counted, locked, or all there is: what is listed for it must be seen. */
export const countsFirst = ({ first, locked }: Pick<ViewState, 'first' | 'locked'>, tokens: number): boolean => first || locked === 0 || tokens === 1;

/** Largest value over a chip's positions; NaN counts as none. */
export function chipValue(chip: Chip, values: ArrayLike<number>): number {
  let most = Number.NaN;
  for (let t = chip.from; t <= chip.to; t++) {
    const value = values[t] ?? Number.NaN;
    if (Number.isFinite(value) && !(value <= most)) most = value;
  }
  return most;
}

/** Opacity of a chip's fill, 0..1; position 0 has none unless it is counted. */
export function chipFill(chip: Chip, scale: Scale, first: boolean): number {
  return chip.from === 0 && !first ? 0 : shade(chipValue(chip, scale.values), scale.end);
}
