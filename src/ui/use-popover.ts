import { type RefObject, type ToggleEvent, useCallback, useEffect, useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

/** From the window's edge. */
const MARGIN = 8;
/** From the button. */
const GAP = 4;

interface Size {
  width: number;
  height: number;
}

/** A box that a button unfolds over the page: the browser's own popover, so that Esc and a press beside it close it,
 *  focus goes back to the button, and one is open at a time. `button` and `box` are the props of the two elements; what
 *  is in the box is drawn while it is `open`. `size`: its width and usual height in px. */
export function usePopover(size: Size) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLElement>(null);
  const [open, setOpen] = useState(false);
  useFollow(open, box, button, size);
  // Before it is seen it has its place and its content. When it closes, that goes once focus has left it.
  const onBeforeToggle = ({ newState, currentTarget }: ToggleEvent<HTMLElement>) => {
    if (newState !== 'open') return;
    if (button.current) place(currentTarget, button.current.getBoundingClientRect(), size);
    flushSync(() => setOpen(true));
  };
  const onToggle = ({ newState }: ToggleEvent<HTMLElement>) => {
    if (newState === 'closed') setOpen(false);
  };
  return {
    open,
    button: { ref: button, popoverTarget: id, 'aria-expanded': open },
    box: {
      ref: useCallback((element: HTMLElement | null) => {
        box.current = element;
      }, []),
      id,
      popover: 'auto' as const,
      onBeforeToggle,
      onToggle,
    },
  };
}

/** Under the button, or over it where there is more room for it; at most as wide and as high as the window allows. */
function place(box: HTMLElement, button: DOMRect, { width, height }: Size): void {
  const { clientWidth, clientHeight } = document.documentElement;
  const fits = Math.min(width, clientWidth - 2 * MARGIN);
  const above = button.top - GAP - MARGIN;
  const below = clientHeight - button.bottom - GAP - MARGIN;
  const under = below >= Math.min(above, height);
  Object.assign(box.style, {
    width: `${fits}px`,
    maxHeight: `${under ? below : above}px`,
    left: `${Math.max(MARGIN, Math.min(button.left, clientWidth - fits - MARGIN))}px`,
    top: under ? `${button.bottom + GAP}px` : 'auto',
    bottom: under ? 'auto' : `${clientHeight - button.top + GAP}px`,
  });
}

/** Keeps the box at its button while the page scrolls under it; closes it once the button is out of sight. */
function useFollow(
  open: boolean,
  box: RefObject<HTMLElement | null>,
  button: RefObject<HTMLElement | null>,
  { width, height }: Size,
): void {
  useEffect(() => {
    if (!open) return;
    const moved = () => {
      if (!box.current || !button.current) return;
      const at = button.current.getBoundingClientRect();
      if (at.bottom < 0 || at.top > document.documentElement.clientHeight) box.current.hidePopover();
      else place(box.current, at, { width, height });
    };
    document.addEventListener('scroll', moved, true);
    window.addEventListener('resize', moved);
    return () => {
      document.removeEventListener('scroll', moved, true);
      window.removeEventListener('resize', moved);
    };
  }, [open, box, button, width, height]);
}
