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
  const amount = stage ? amountSays(stage) : '';
  return (
    <span className="trying figures">
      {/* Read out as the stages follow one another; the figures change each second. */}
      <span role="status">{stage ? stageName(stage.stage) : 'Starting the engine'}</span>
      {amount && ` ${amount}`}
      {pace && `, ${pace}`}{' '}
      <button type="button" onClick={() => bench.engine.cancel()}>
        Cancel
      </button>
    </span>
  );
}
