import { useMemo, useSyncExternalStore } from 'react';

const DARK = '(prefers-color-scheme: dark)';

/** Hears of another theme: the reader's choice, set on the document, or the system's. */
function subscribe(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const list = matchMedia(DARK);
  list.addEventListener('change', changed);
  return () => {
    observer.disconnect();
    list.removeEventListener('change', changed);
  };
}

/** The sheet's colours by their names in tokens.css, for what is drawn by hand: anew when the theme changes. `names`
 *  must stay the same array. */
export function useColours(names: readonly string[]): string[] {
  const values = useSyncExternalStore(subscribe, () => {
    const style = getComputedStyle(document.documentElement);
    return names.map((name) => style.getPropertyValue(name).trim()).join('\n');
  });
  return useMemo(() => values.split('\n'), [values]);
}
