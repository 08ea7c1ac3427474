import { useStore } from 'zustand';
import { amountSays, stageName } from '../../state/model/progress';
import { useBench } from '../use-workbench';
import { usePace } from './Opening';

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
