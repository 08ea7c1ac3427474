import type { ViewState } from '../../state/base/view';

type Shown = Pick<ViewState, 'locked' | 'anchor' | 'hover'>;

/** What of an element is touched here: a test needs no more. */
export type ChipElement = Pick<HTMLElement, 'setAttribute'> & {
  classList: Pick<DOMTokenList, 'add' | 'remove' | 'toggle'>;
};

/** Lock, selection and pointer on the chips' elements. Even among 2,000 chips, a pointer that moves on touches only the
 *  chip it leaves and the chip it reaches. */
export class ChipSelection {
  /** Index of the chip that holds a position. */
  private readonly at: Int32Array;
  private shown: Shown = { locked: null, anchor: null, hover: null };
  private stop = -1;

  constructor(
    private readonly elements: readonly ChipElement[],
    chips: readonly { from: number; to: number }[],
  ) {
    this.at = new Int32Array((chips.at(-1)?.to ?? -1) + 1);
    for (const [i, { from, to }] of chips.entries()) this.at.fill(i, from, to + 1);
  }

  /** Index of the chip that holds `position`; -1: none. */
  indexOf(position: number | null): number {
    return position === null ? -1 : (this.at[position] ?? -1);
  }

  /** Indices of the selected chips; from > to: none. */
  range({ locked, anchor }: Pick<Shown, 'locked' | 'anchor'> = this.shown): { from: number; to: number } {
    const one = this.indexOf(locked);
    if (one < 0) return { from: 0, to: -1 };
    const other = this.indexOf(anchor);
    return other < 0 ? { from: one, to: one } : { from: Math.min(one, other), to: Math.max(one, other) };
  }

  /** Shows them as the view has them. Tab reaches the locked chip, else the chip under the pointer, else the last chip
   *  that was either. */
  show({ locked, anchor, hover }: Shown): void {
    const before = this.shown;
    this.shown = { locked, anchor, hover };
    if (before.hover !== hover) this.move('chip-hover', before.hover, hover);
    if (before.locked !== locked) this.move('chip-locked', before.locked, locked);
    if (before.locked !== locked || before.anchor !== anchor) this.select(this.range(before), this.range());
    const stop = this.indexOf(locked ?? hover);
    this.rove(stop < 0 ? Math.max(this.stop, 0) : stop);
  }

  /** Takes all of it off the elements again. */
  clear(): void {
    this.show({ locked: null, anchor: null, hover: null });
    this.elements[this.stop]?.setAttribute('tabindex', '-1');
    this.stop = -1;
  }

  private move(name: string, from: number | null, to: number | null): void {
    this.elements[this.indexOf(from)]?.classList.remove(name);
    this.elements[this.indexOf(to)]?.classList.add(name);
  }

  private select(old: { from: number; to: number }, now: { from: number; to: number }): void {
    for (let i = old.from; i <= old.to; i++) if (i < now.from || i > now.to) this.mark(i, false, false);
    for (let i = now.from; i <= now.to; i++) this.mark(i, true, now.to > now.from);
  }

  private mark(index: number, selected: boolean, ranged: boolean): void {
    this.elements[index]?.setAttribute('aria-selected', String(selected));
    this.elements[index]?.classList.toggle('chip-ranged', ranged);
  }

  private rove(index: number): void {
    if (index === this.stop) return;
    this.elements[this.stop]?.setAttribute('tabindex', '-1');
    this.elements[index]?.setAttribute('tabindex', '0');
    this.stop = index;
  }
}
