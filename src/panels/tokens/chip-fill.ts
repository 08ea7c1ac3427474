import type { Chip } from '../../state/chips';
import type { Scale } from '../../state/select';
import { shade } from '../../state/shade';

/** Largest value over a chip's positions; NaN counts as none. */
export function chipValue(chip: Chip, values: ArrayLike<number>): number {
  let most = Number.NaN;
  for (let t = chip.from; t <= chip.to; t++) {
    const value = values[t] ?? Number.NaN;
    if (Number.isFinite(value) && !(value <= most)) most = value;
  }
  return most;
}

/** Opacity of a chip's fill, 0..1; position 0 has none unless it takes part. */
export function chipFill(chip: Chip, scale: Scale, first: boolean): number {
  return chip.from === 0 && !first ? 0 : shade(chipValue(chip, scale.values), scale.end);
}
