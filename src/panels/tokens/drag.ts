import type { View } from '../../state/base/view';

/** Handles a pointer on tokens, wherever they are drawn. A click locks or unlocks a token; a Shift-click or a drag
 *  selects up to there. */
interface Drag {
  down(position: number | null): void;
  /** With the button held. True once the pointer has left the token it went down on: from then on it is a drag. */
  move(position: number | null): boolean;
  up(): void;
  /** Does nothing if the click ends a drag. */
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
