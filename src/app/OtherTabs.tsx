import { useEffect, useState } from 'react';
import { followTabs } from './tabs';

/** What two tabs of the page have in common, and what not. */
export function OtherTabs() {
  const [others, setOthers] = useState(0);
  useEffect(() => followTabs(setOthers), []);
  if (others === 0) return null;
  return (
    <aside className="notices" aria-label="Other tabs" data-testid="other-tabs">
      <p>
        {others === 1 ? 'Another tab' : `${others} other tabs`} of this browser {others === 1 ? 'has' : 'have'} Lenslet
        open: notebook and log are the same in all, but each tab holds an engine and its memory of its own.
      </p>
    </aside>
  );
}
