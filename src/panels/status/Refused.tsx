import { useStore } from 'zustand';
import { requestName } from '../../state/model/model-url';
import { amountSays, leftSays, stageName } from '../../state/model/progress';
import { Failure } from '../../ui/Failure';
import { seePlan } from '../models/actions';
import { useBench } from '../use-workbench';
import { usePace } from './Opening';

/** Another model that could not be opened; the open one is as it was. */
export function Refused() {
  const bench = useBench();
  const refused = useStore(bench.engine.store, (s) => s.refused);
  const open = useStore(bench.engine.store, (s) => s.request);
  if (!refused || !open) return null;
  const { error, request, provider, stages } = refused;
  const stopped = error.name === 'AbortedError';
  const action = error.name === 'AccessDeniedError' ? 'Give a token' : stopped ? 'Open again' : 'Try again';
  return (
    <section className="refused" aria-label="Model that could not be opened" data-testid="refused">
      <Failure
        error={error}
        kept={[
          stopped ? '' : leftSays(stages),
          `${requestName(request)} is not open; ${requestName(open)} stays open, with text, edits and run.`,
        ]
          .filter(Boolean)
          .join(' ')}
        action={{
          label: action,
          run: () =>
            error.name === 'AccessDeniedError' ? seePlan(bench, request) : void bench.engine.open(request, provider),
        }}
      />
      <button type="button" className="bare" onClick={() => bench.engine.dismiss('refused')}>
        Dismiss
      </button>
    </section>
  );
}

/** Another model that is being opened, in the sheet that asked for it. */
export function Trying() {
  const bench = useBench();
  const trying = useStore(bench.engine.store, (s) => s.trying);
  const stage = trying?.stages.at(-1) ?? null;
  const pace = usePace(stage, trying?.transfer ?? null);
  if (!trying) return null;
  const how = stage ? `${stageName(stage.stage)} ${amountSays(stage)}`.trim() : 'Starting the engine';
  return (
    <span className="trying figures" role="status">
      {[how, pace].filter(Boolean).join(', ')}{' '}
      <button type="button" onClick={() => bench.engine.cancel()}>
        Cancel
      </button>
    </span>
  );
}
