import { lazy, Suspense, useState } from 'react';
import { type Asked, noFilters } from '../../state/log/search';
import { useView } from '../use-workbench';

/** Loaded when it is first opened: most readers never do. */
const Log = lazy(() => import('./Log'));

/** Finds the verbalizations that were made here. The search stays when the sheet is closed, because readers look at
 *  several rows one after the other. */
export function LogSheet() {
  const open = useView((s) => s.sheet === 'log');
  const [asked, setAsked] = useState<Asked>({ typed: '', filters: noFilters, chosen: null });
  return open ? (
    <Suspense fallback={null}>
      <Log asked={asked} onAsk={(patch) => setAsked((before) => ({ ...before, ...patch }))} />
    </Suspense>
  ) : null;
}
