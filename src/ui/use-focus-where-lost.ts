import { type RefCallback, useCallback, useEffect, useRef } from 'react';

/** For a part that takes the place of another, or whose own parts go: where focus went away with what had it, the part
 *  has it, and the keyboard goes on from there. Asked when the part appears; with a `count`, when that has become less,
 *  and not before. */
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
