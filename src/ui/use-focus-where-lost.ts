import { type RefCallback, useCallback, useEffect, useRef } from 'react';

/** Focuses a part if the focused element has gone, so that the keyboard goes on from there. For a part that replaces
 *  another, or whose own parts go. Checks when the part appears; with a `count`, only when the count has become
 *  less. */
export function useFocusWhereLost(count?: number): RefCallback<HTMLElement> {
  const part = useRef<HTMLElement | null>(null);
  const before = useRef(count);
  useEffect(() => {
    const fewer = count !== undefined && before.current !== undefined && count < before.current;
    before.current = count;
    if ((count === undefined || fewer) && document.activeElement === document.body)
      part.current?.focus({ preventScroll: true });
  }, [count]);
  return useCallback((element: HTMLElement | null) => {
    part.current = element;
  }, []);
}
