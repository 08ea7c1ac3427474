import { useStore } from 'zustand';
import { wantedBy } from '../../state/model/choices';
import { requestName } from '../../state/model/model-url';
import { leftSays } from '../../state/model/progress';
import { Failure } from '../../ui/Failure';
import { seePlan } from '../models/actions';
import { Mend } from '../models/Mend';
import { useBench } from '../use-workbench';

/** Another model that could not be opened; the open one is as it was. */
export function Refused() {
  const bench = useBench();
  const refused = useStore(bench.engine.store, (s) => s.refused);
  const open = useStore(bench.engine.store, (s) => s.request);
  if (!refused || !open) return null;
  const { error, request, provider, stages } = refused;
  const wanted = wantedBy(error);
  const stopped = error.name === 'AbortedError';
  const action = error.name === 'AccessDeniedError' ? 'Give a token' : stopped ? 'Open again' : 'Try again';
  return (
    <section className="refused" aria-label="Model that could not be opened" data-testid="refused">
      {wanted ? (
        <Mend wanted={wanted} error={error} request={request} kept="Until then all stays open as it is." />
      ) : (
        <Failure
          error={error}
          kept={[
            stopped ? '' : leftSays(stages),
            requestName(request) === requestName(open)
              ? `${requestName(open)} stays open as it was, with text, edits and run.`
              : `${requestName(request)} is not open; ${requestName(open)} stays open, with text, edits and run.`,
          ]
            .filter(Boolean)
            .join(' ')}
          action={{
            label: action,
            run: () =>
              error.name === 'AccessDeniedError' ? seePlan(bench, request) : void bench.engine.open(request, provider),
          }}
        />
      )}
      <button type="button" className="bare" onClick={() => bench.engine.dismiss('refused')}>
        Dismiss
      </button>
    </section>
  );
}
