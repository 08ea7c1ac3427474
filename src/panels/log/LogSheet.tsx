import { lazy, Suspense, useState } from 'react';
import { type Asked, noFilters } from '../../state/log/search';
import { useView } from '../use-workbench';

/** Loaded when it is first opened: most readers never do. */
const Log = lazy(() => import('./Log'));

/** Every verbalization that was made here, to be found again. The search stands as it was when the sheet is opened
 *  again: of several rows one after the other is looked at. */
export function LogSheet() {
  const open = useView((s) => s.sheet === 'log');
  const [asked, setAsked] = useState<Asked>({ typed: '', filters: noFilters, chosen: null });
  return open ? (
    <Suspense fallback={null}>
      <Log asked={asked} onAsk={(patch) => setAsked((before) => ({ ...before, ...patch }))} />
    </Suspense>
  ) : null;
}
