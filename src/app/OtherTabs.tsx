import { useEffect, useState } from 'react';
import { followTabs } from './tabs';

/** What two tabs of the page have in common, and what not. It lies over the page: tabs come and go, and what is read
 *  stays where it is. */
export function OtherTabs() {
  const [others, setOthers] = useState(0);
  useEffect(() => followTabs(setOthers), []);
  const [dismissed, setDismissed] = useState(0);
  // Said again when there are more.
  if (others <= dismissed) return null;
  return (
    <aside className="other-tabs" aria-label="Other tabs" data-testid="other-tabs">
      <p>
        {others === 1 ? 'Another tab' : `${others} other tabs`} of this browser {others === 1 ? 'has' : 'have'} Lenslet
        open: notebook and log are the same in all, but each tab holds an engine and its memory of its own.
      </p>
      <button type="button" className="bare" onClick={() => setDismissed(others)}>
        Dismiss
      </button>
    </aside>
  );
}
