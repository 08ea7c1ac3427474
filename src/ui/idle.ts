/** Calls `task` when the page is idle, after `latest` milliseconds at most if that is given; soon if the browser cannot
 *  tell (Safari). Returns a function that takes the call back. */
export function whenIdle(task: () => void, latest?: number): () => void {
  if (typeof requestIdleCallback === 'function') {
    const id = requestIdleCallback(task, latest === undefined ? undefined : { timeout: latest });
    return () => cancelIdleCallback(id);
  }
  const id = setTimeout(task, 50);
  return () => clearTimeout(id);
}
