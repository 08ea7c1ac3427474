import { type RefObject, useLayoutEffect, useState } from 'react';

/** Lines of a text that are in sight while it has no focus. */
const LINES = 3;

/** How many lines of a text box are out of sight where it shows three: the box is as high as all of them. */
export function useMoreLines(ref: RefObject<HTMLElement | null>): number {
  const [more, setMore] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const { lineHeight } = getComputedStyle(element);
    const line = Number.parseFloat(lineHeight);
    const observer = new ResizeObserver(([entry]) =>
      setMore(Math.max(0, Math.round(entry!.contentRect.height / line) - LINES)),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return more;
}
