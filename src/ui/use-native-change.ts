import { type RefObject, useEffect, useRef } from 'react';

/** Calls `handler` on the element's own `change` event, which comes when a value is settled; React's onChange comes at
 *  every input. */
export function useNativeChange(ref: RefObject<HTMLInputElement | null>, handler: () => void): void {
  const newest = useRef(handler);
  useEffect(() => {
    newest.current = handler;
  });
  useEffect(() => {
    const element = ref.current;
    const call = () => newest.current();
    element?.addEventListener('change', call);
    return () => element?.removeEventListener('change', call);
  }, [ref]);
}
