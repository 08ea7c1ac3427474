declare global {
  interface Window {
    /** Set in order to count renders: how often each part of the page was drawn. */
    lensletRenders?: Map<string, number>;
  }
}

/** Counts a drawing of a part of the page, if the map is set. Tests use it to hold what must not be drawn again. */
export function countRender(name: string): void {
  const counts = window.lensletRenders;
  if (counts) counts.set(name, (counts.get(name) ?? 0) + 1);
}
