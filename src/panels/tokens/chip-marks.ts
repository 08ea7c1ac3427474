import type { Chip } from '../../state/chips';
import type { ViewState } from '../../state/view';

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** What changes on a chip while its text stays: written to the elements by hand, and only where it is another than before, so that of 2,000 chips a
 *  pointer that moves on touches two and React none. One of these belongs to one list of chips; `clear` before another takes the elements over. */
export class ChipMarks {
  private readonly elements: HTMLElement[];
  /** Index of the chip that holds a position. */
  private readonly at: Int32Array;
  private readonly fills: string[] = [];
  private readonly labels: string[] = [];
  private readonly lanes: string[] = [];
  private seen: Pick<ViewState, 'locked' | 'anchor' | 'hover'> = { locked: null, anchor: null, hover: null };
  private stop = -1;

  constructor(
    list: HTMLElement,
    private readonly chips: readonly Chip[],
  ) {
    this.elements = [...list.querySelectorAll<HTMLElement>('[data-from]')];
    this.at = new Int32Array((chips.at(-1)?.to ?? -1) + 1);
    for (const [i, { from, to }] of chips.entries()) this.at.fill(i, from, to + 1);
  }

  /** Index of the chip that holds `position`; -1: none. */
  indexOf(position: number | null): number {
    return position === null ? -1 : (this.at[position] ?? -1);
  }

  element(index: number): HTMLElement | undefined {
    return this.elements[index];
  }

  /** Where the chips stand; each is laid out when it is asked for. */
  get boxes(): { length: number; box: (index: number) => DOMRect } {
    return { length: this.elements.length, box: (index) => this.elements[index]!.getBoundingClientRect() };
  }

  /** Fill, 0..1, and what a screen reader says, a chip. */
  paint(fills: readonly number[], labels: readonly string[]): void {
    for (const [i, element] of this.elements.entries()) {
      const fill = fills[i]!.toFixed(3);
      if (this.fills[i] !== fill) {
        this.fills[i] = fill;
        element.dataset.fill = fill;
        (element.firstElementChild as HTMLElement).style.setProperty('--fill', percent(Number(fill)));
      }
      if (this.labels[i] !== labels[i]) {
        this.labels[i] = labels[i]!;
        element.setAttribute('aria-label', labels[i]!);
      }
    }
  }

  /** Strengths, 0..1, of a chip's lanes from the top. */
  rule(lanes: readonly (readonly number[])[]): void {
    for (const [i, element] of this.elements.entries()) {
      const strengths = lanes[i]!.map(percent);
      if (this.lanes[i] === strengths.join()) continue;
      this.lanes[i] = strengths.join();
      const ruled = element.lastElementChild as HTMLElement;
      for (const [lane, strength] of strengths.entries()) ruled.style.setProperty(`--lane-${lane}`, strength);
    }
  }

  mute(muted: readonly boolean[]): void {
    for (const [i, element] of this.elements.entries()) element.classList.toggle('chip-muted', muted[i]!);
  }

  /** Lock, selection and pointer as the view has them. */
  show({ locked, anchor, hover }: Pick<ViewState, 'locked' | 'anchor' | 'hover'>): void {
    const before = this.seen;
    this.seen = { locked, anchor, hover };
    if (before.hover !== hover) this.move('chip-hover', before.hover, hover);
    if (before.locked !== locked) this.move('chip-locked', before.locked, locked);
    if (before.locked !== locked || before.anchor !== anchor) this.select(before);
    this.rove(this.indexOf(locked ?? hover ?? this.chips[this.stop]?.from ?? 0));
  }

  /** Takes every mark of `show` off again. */
  clear(): void {
    this.show({ locked: null, anchor: null, hover: null });
    this.elements[this.stop]?.setAttribute('tabindex', '-1');
    this.stop = -1;
  }

  private move(name: string, from: number | null, to: number | null): void {
    this.elements[this.indexOf(from)]?.classList.remove(name);
    this.elements[this.indexOf(to)]?.classList.add(name);
  }

  private select(before: Pick<ViewState, 'locked' | 'anchor'>): void {
    const old = this.range(before);
    const now = this.range(this.seen);
    for (let i = old.from; i <= old.to; i++) if (i < now.from || i > now.to) this.mark(i, false, false);
    for (let i = now.from; i <= now.to; i++) this.mark(i, true, now.to > now.from);
  }

  private mark(index: number, selected: boolean, ranged: boolean): void {
    const element = this.elements[index];
    element?.setAttribute('aria-selected', String(selected));
    element?.classList.toggle('chip-ranged', ranged);
  }

  /** Indices of the selected chips; from > to: none. */
  range({ locked, anchor }: Pick<ViewState, 'locked' | 'anchor'>): { from: number; to: number } {
    const one = this.indexOf(locked);
    if (one < 0) return { from: 0, to: -1 };
    const other = this.indexOf(anchor);
    return other < 0 ? { from: one, to: one } : { from: Math.min(one, other), to: Math.max(one, other) };
  }

  /** The one chip that Tab reaches. */
  private rove(index: number): void {
    const next = Math.max(index, 0);
    if (next === this.stop) return;
    this.elements[this.stop]?.setAttribute('tabindex', '-1');
    this.elements[next]?.setAttribute('tabindex', '0');
    this.stop = next;
  }
}
