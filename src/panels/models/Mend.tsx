import { lazy, Suspense } from 'react';
import type { ErrorData } from '../../lens/api/errors';
import type { OpenRequest } from '../../lens/api/request';
import type { Wanted } from '../../state/model/choices';

/** Loaded with the first opening that waits for a word of the reader's. */
const Remedy = lazy(() => import('./Remedy'));

/** In place of a failure, what the reader alone can say: why it is asked, what is kept, and the ways to answer. The
 *  sentence alone is read out at once. */
export function Mend(props: { wanted: Wanted; error: ErrorData; kept: string; request: OpenRequest }) {
  const { wanted, error, kept, request } = props;
  return (
    <div className="mend" data-testid="error" data-error={error.name}>
      <p role="alert">
        {(wanted.kind === 'dictionary' && wanted.says) || error.message} {kept}
      </p>
      <Suspense fallback={null}>
        <Remedy wanted={wanted} request={request} />
      </Suspense>
    </div>
  );
}
