import { type RefObject, useEffect } from 'react';
import { flushSync } from 'react-dom';

/** Boxes and sliders that keys lead to. */
const targets = new Map<string, Set<HTMLElement>>();

/** Lets `focusTarget` find an element by a name, which several may have. Without a name, does nothing. */
export function useFocusTarget(name: string | undefined, ref: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = ref.current;
    if (!name || !element) return;
    const named = targets.get(name) ?? new Set();
    targets.set(name, named.add(element));
    return () => void named.delete(element);
  }, [name, ref]);
}

/** Focus goes to the last element of a name, with its text selected, once what the key changed is drawn: at once, so
 *  that the next key is typed there already. */
export function focusTarget(name: string): void {
  flushSync(() => {});
  const after = (a: HTMLElement, b: HTMLElement) =>
    a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? b : a;
  const [first, ...more] = targets.get(name) ?? [];
  if (!first) return;
  const element = more.reduce(after, first);
  element.focus();
  if (element instanceof HTMLInputElement && element.type !== 'range') element.select();
}
