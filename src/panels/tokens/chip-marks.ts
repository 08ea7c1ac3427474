import type { ViewState } from '../../state/base/view';
import { whenIdle } from '../../ui/idle';
import { ChipSelection } from './chip-selection';

/** What a list of chips looks like, by the index of a chip. Asked when the chip is written, which for those out of
 *  sight is later. */
interface ChipLook {
  /** Whose colour the fill is. */
  colour: ViewState['colour'];
  /** Opacity of the fill, 0..1. */
  fill: (index: number) => number;
  /** What a screen reader says. */
  label: (index: number) => string;
  /** Strengths, 0..1, of the lines under a chip from the top; none: they are not drawn. */
  lanes: (index: number) => readonly number[];
  muted: (index: number) => boolean;
  /** Whether it is an attention sink beyond position 0. */
  sink: (index: number) => boolean;
  /** What the edit in hand did at the token; null: nothing. */
  edit: (index: number) => string | null;
  /** How well the token's words were scored, as a form of line and in words; null: it has none. */
  words: (index: number) => { level: string; says: string } | null;
}

/** A block's element, its chips' elements, and the index of its first chip. */
interface Part {
  block: HTMLElement;
  chips: HTMLElement[];
  from: number;
}

/** How many blocks out of sight are written each time the page is idle, and after how many ms it counts as idle
 *  anyway. */
const AT_ONCE = 2;
const LATEST = 200;
/** How far from the list's window a block counts as in sight: what comes into view is written. */
const NEAR = '100px';
/** Blocks that are written before it is known what is in sight: more than the list's window holds. */
const AT_FIRST = 4;

function set({ dataset }: HTMLElement, name: string, value: string | undefined): void {
  if (dataset[name] === value) return;
  if (value === undefined) delete dataset[name];
  else dataset[name] = value;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** Writes to the elements what changes on chips while their text stays, and only where it differs from before: chips in
 *  sight at once, the rest while the page is idle. One ChipMarks belongs to one list of elements; call `dispose` before
 *  another takes them over. */
export class ChipMarks {
  readonly selection: ChipSelection;
  private readonly parts: Part[] = [];
  private readonly elements: HTMLElement[];
  private readonly written: { fill: string; label: string; lanes: string }[];
  private look: ChipLook | null = null;
  private waiting = new Set<Part>();
  /** Kept by the browser, so that nothing must be laid out to find it. */
  private readonly inSight: Set<Part>;
  private readonly sight: IntersectionObserver;
  private idle = () => {};

  constructor(list: HTMLElement, chips: readonly { from: number; to: number }[]) {
    let from = 0;
    for (const block of list.querySelectorAll<HTMLElement>('.chip-block')) {
      const own = [...block.children] as HTMLElement[];
      this.parts.push({ block, chips: own, from });
      from += own.length;
    }
    this.elements = this.parts.flatMap((part) => part.chips);
    this.written = this.elements.map(() => ({ fill: '', label: '', lanes: '' }));
    this.selection = new ChipSelection(this.elements, chips);
    this.inSight = new Set(this.parts.slice(0, AT_FIRST));
    const partOf = new Map<Element, Part>(this.parts.map((part) => [part.block, part]));
    this.sight = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries)
          this.inSight[isIntersecting ? 'add' : 'delete'](partOf.get(target)!);
        this.writeSeen();
      },
      { root: list, rootMargin: NEAR },
    );
    for (const { block } of this.parts) this.sight.observe(block);
  }

  element(index: number): HTMLElement | undefined {
    return this.elements[index];
  }

  /** Where the chips stand; each is laid out when it is asked for. */
  get boxes(): { length: number; box: (index: number) => DOMRect } {
    return { length: this.elements.length, box: (index) => this.elements[index]!.getBoundingClientRect() };
  }

  /** From now on the chips look like this: those in sight when this returns. */
  paint(look: ChipLook): void {
    this.look = look;
    this.waiting = new Set(this.parts);
    this.writeSeen();
    this.goOn();
  }

  dispose(): void {
    this.sight.disconnect();
    this.idle();
    this.waiting.clear();
    this.selection.clear();
  }

  private writeSeen(): void {
    for (const part of this.inSight) if (this.waiting.has(part)) this.write(part);
  }

  private goOn(): void {
    this.idle();
    if (!this.waiting.size) return;
    const more = () => {
      for (const part of [...this.waiting].slice(0, AT_ONCE)) this.write(part);
      this.goOn();
    };
    this.idle = whenIdle(more, LATEST);
  }

  private write(part: Part): void {
    const { colour, fill, label, lanes, muted, sink, edit, words } = this.look!;
    this.waiting.delete(part);
    if (part.block.dataset.colour !== colour) part.block.dataset.colour = colour;
    for (const [k, element] of part.chips.entries()) {
      const i = part.from + k;
      const now = { fill: fill(i).toFixed(3), label: label(i), lanes: lanes(i).map(percent).join() };
      const before = this.written[i]!;
      this.written[i] = now;
      if (now.fill !== before.fill) {
        element.dataset.fill = now.fill;
        (element.firstElementChild as HTMLElement).style.setProperty('--fill', percent(Number(now.fill)));
      }
      if (now.label !== before.label) element.setAttribute('aria-label', now.label);
      if (now.lanes !== before.lanes) {
        const { style } = element.lastElementChild as HTMLElement;
        const [above = '', below = ''] = now.lanes.split(',');
        style.setProperty('--lane-0', above);
        style.setProperty('--lane-1', below);
      }
      element.classList.toggle('chip-muted', muted(i));
      element.classList.toggle('chip-sink', sink(i));
      const said = words(i);
      set(element, 'words', said?.level);
      set(element, 'edit', edit(i) ?? undefined);
      if (element.title !== (said?.says ?? '')) element.title = said?.says ?? '';
    }
  }
}
