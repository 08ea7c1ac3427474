/** The other tabs of this browser in which the page is open. Each holds one lock as long as it lives: what holds them
 *  is counted, so that a tab that crashed is not. */
const NAME = 'lenslet-tab';

/** Calls `changed` with the number of other tabs, now and when it may have changed. Says nothing where the browser
 *  cannot tell. Returns what stops it. */
export function followTabs(changed: (others: number) => void): () => void {
  if (!navigator.locks || typeof BroadcastChannel === 'undefined') return () => {};
  const channel = new BroadcastChannel(NAME);
  const count = async () => {
    const { held } = await navigator.locks.query();
    changed(Math.max(0, (held?.filter(({ name }) => name === NAME).length ?? 0) - 1));
  };
  const look = () => void count().catch(() => {}); // the page is on its way out
  let free = () => {};
  const enter = () => {
    const gone = new Promise<void>((resolve) => {
      free = resolve;
    });
    void navigator.locks
      .request(NAME, { mode: 'shared' }, () => {
        channel.postMessage(null);
        look();
        return gone;
      })
      .catch(() => {}); // storage is closed here, and so are locks
  };
  enter();
  // A tab that is closed says so and then lets go of its lock.
  let soon: ReturnType<typeof setTimeout> | undefined;
  channel.onmessage = () => {
    clearTimeout(soon);
    soon = setTimeout(look, 200);
  };
  const leave = () => {
    channel.postMessage(null);
    free();
  };
  // A page that the browser kept whole is a tab again.
  const again = ({ persisted }: PageTransitionEvent) => {
    if (persisted) enter();
  };
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', again);
  document.addEventListener('visibilitychange', look);
  return () => {
    clearTimeout(soon);
    window.removeEventListener('pagehide', leave);
    window.removeEventListener('pageshow', again);
    document.removeEventListener('visibilitychange', look);
    leave();
    channel.close();
  };
}
