import type { View } from '../../state/base/view';

/** What a pointer does to tokens, wherever they are drawn: a click locks one or lets it go, with Shift it selects up to
 *  there, and so does a drag. */
interface Drag {
  down(position: number | null): void;
  /** With the button held. True once the pointer has left the token it went down on: from then on it is a drag. */
  move(position: number | null): boolean;
  up(): void;
  /** A click that ends a drag is none. */
  click(position: number | null, shift: boolean): void;
}

export function createDrag(view: Pick<View, 'select' | 'toggleLock'>): Drag {
  let start: number | null = null;
  let last: number | null = null;
  let dragged = false;
  return {
    down: (position) => {
      start = position;
      last = position;
      dragged = false;
    },
    move: (position) => {
      if (start === null || position === null || position === last) return dragged && start !== null;
      if (!dragged) view.select(start, false);
      dragged = true;
      last = position;
      view.select(position, true);
      return true;
    },
    up: () => {
      start = null;
    },
    click: (position, shift) => {
      if (position !== null && !dragged) {
        if (shift) view.select(position, true);
        else view.toggleLock(position);
      }
      dragged = false;
    },
  };
}
