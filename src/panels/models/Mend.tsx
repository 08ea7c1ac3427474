import { lazy, Suspense } from 'react';
import type { ErrorData } from '../../lens/api/errors';
import type { OpenRequest } from '../../lens/api/request';
import { wantedBy } from '../../state/model/choices';

/** Loaded with the first opening that waits for a word of the reader's. */
const Remedy = lazy(() => import('./Remedy'));

/** Under an error, what mends it; nothing where the reader can say nothing to it. */
export function Mend({ error, request }: { error: ErrorData; request: OpenRequest | null }) {
  const wanted = wantedBy(error);
  return (
    wanted &&
    request && (
      <Suspense fallback={null}>
        <Remedy wanted={wanted} request={request} />
      </Suspense>
    )
  );
}
