/** Calls `task` when the page has nothing better to do, at the latest after `latest` milliseconds where that is given;
 *  soon where a browser cannot tell (Safari). Returns what takes the call back. */
export function whenIdle(task: () => void, latest?: number): () => void {
  if (typeof requestIdleCallback === 'function') {
    const id = requestIdleCallback(task, latest === undefined ? undefined : { timeout: latest });
    return () => cancelIdleCallback(id);
  }
  const id = setTimeout(task, 50);
  return () => clearTimeout(id);
}
