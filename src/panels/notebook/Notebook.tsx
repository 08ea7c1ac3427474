import { useState } from 'react';
import { useStore } from 'zustand';
import { count } from '../../lens/maths/figures';
import { type RunRecord, runId } from '../../state/notebook/record';
import { Place } from '../../ui/Place';
import { useBench } from '../use-workbench';
import { CompareRuns } from './CompareRuns';
import { Entries } from './Entries';
import { Exchange, useExchange } from './Exchange';
import { Runs } from './Runs';
import './notebook.css';

/** All that is kept: the features that something was noted on, and the last runs, two of which can be set side by
 *  side. */
export default function Notebook() {
  const bench = useBench();
  const runs = useStore(bench.notebook.store, (s) => s.runs);
  const entries = useStore(bench.notebook.store, (s) => s.entries.size);
  const storage = useStore(bench.notebook.store, (s) => s.storage);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [comparing, setComparing] = useState(false);
  const exchange = useExchange();
  // The chosen runs that still exist, in the order in which they were chosen.
  const pair = chosen.flatMap((id) => runs.find((run) => runId(run) === id) ?? []);
  const compared = comparing && pair.length === 2 ? (pair as [RunRecord, RunRecord]) : null;
  const choose = (id: string, on: boolean) =>
    setChosen((before) => (on ? [...before, id].slice(-2) : before.filter((one) => one !== id)));
  return (
    <Place title="Notebook" testId="notebook">
      <div className="notebook-head">
        <p className="caption figures" data-testid="notebook-counts">
          {count(entries)} {entries === 1 ? 'feature' : 'features'}, {runs.length} {runs.length === 1 ? 'run' : 'runs'}.{' '}
          {storage === 'tab'
            ? 'Kept until this tab is closed: storage is closed here. Export keeps them.'
            : 'On this machine only, in this browser.'}
        </p>
        <Exchange {...exchange} empty={!entries && !runs.length} />
      </div>
      {compared ? (
        <CompareRuns runs={compared} onBack={() => setComparing(false)} />
      ) : (
        <div className="notebook-sides">
          <Entries />
          <Runs runs={runs} chosen={pair.map(runId)} onChoose={choose} onCompare={() => setComparing(true)} />
        </div>
      )}
    </Place>
  );
}
