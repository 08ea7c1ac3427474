import { useStore } from 'zustand';
import { nats } from '../../lens/maths/figures';
import { MOST_RUNS } from '../../state/notebook/limits';
import { type RunRecord, runId, runOutcome } from '../../state/notebook/record';
import { bringBack } from '../../state/page/notebook-runs';
import { promptSays } from '../../state/reading/prompt';
import { drawsSay } from '../steering/outcome-says';
import { useBench } from '../use-workbench';
import { editSays } from './compare';

interface Props {
  runs: readonly RunRecord[];
  /** Ids of the runs that are to be compared, at most two. */
  chosen: readonly string[];
  onChoose: (id: string, on: boolean) => void;
  onCompare: () => void;
}

/** The last runs. Two chosen ones are set side by side. */
export function Runs({ runs, chosen, onChoose, onCompare }: Props) {
  return (
    <section className="notebook-side" aria-labelledby="notebook-runs">
      <div className="notebook-side-head">
        <h3 id="notebook-runs">Runs, the last {MOST_RUNS}</h3>
        <span className="caption">{chosen.length === 2 ? '' : 'Choose two to compare'}</span>
        <button type="button" data-testid="compare" disabled={chosen.length !== 2} onClick={onCompare}>
          Compare
        </button>
      </div>
      {!runs.length && (
        <p className="empty">No run. Every run that ends, or that you stop, is kept here with its texts and figures.</p>
      )}
      <ol>
        {runs.map((run) => {
          const id = runId(run);
          return <RunLine key={id} run={run} id={id} chosen={chosen.includes(id)} onChoose={onChoose} />;
        })}
      </ol>
    </section>
  );
}

function RunLine({
  run,
  id,
  chosen,
  onChoose,
}: { run: RunRecord; id: string; chosen: boolean } & Pick<Props, 'onChoose'>) {
  const bench = useBench();
  const open = useStore(bench.engine.store, (s) => s.info !== null);
  const { edits } = run.plan;
  const prompt = promptSays(run.plan.prompt);
  const time = timeSays(run.at);
  return (
    <li className="notebook-run" data-testid="notebook-run">
      <label className="notebook-run-choice">
        <input
          type="checkbox"
          checked={chosen}
          aria-label={`Compare the run of ${time}`}
          onChange={(event) => onChoose(id, event.target.checked)}
        />
        <span className="figures caption">{time}</span>
      </label>
      <div>
        <p className="notebook-prompt" title={prompt}>
          {prompt}
        </p>
        <p className="caption figures">{edits.length ? edits.map(editSays).join('; ') : 'No edit: baseline only'}</p>
        <p className="caption figures">{resultSays(run)}</p>
      </div>
      <span className="notebook-run-actions">
        <button
          type="button"
          aria-label={`Bring back the run of ${time}`}
          disabled={!open}
          onClick={() => void bringBack(bench, run)}
        >
          Bring back
        </button>
        <button
          type="button"
          className="bare"
          aria-label={`Delete the run of ${time}`}
          onClick={() => bench.notebook.removeRun(id)}
        >
          Delete
        </button>
      </span>
    </li>
  );
}

/** In the reader's own time: "22 Nov 14:03:09". */
export const timeSays = (at: string): string =>
  new Date(at)
    .toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' })
    .replace(',', '');

/** What came out, in a line. */
export function resultSays(run: RunRecord): string {
  const { steered, control, baseline, complete } = run;
  const n = `${Math.max(baseline.length, steered?.length ?? 0)} tokens${complete ? '' : ', stopped'}`;
  if (!steered) return n;
  const found = runOutcome(run);
  if (!found) return control ? `${n}; no control band` : `${n}; control off`;
  return `${n}; mean KL(steered || baseline) ${nats(found.kl)} nats, ${drawsSay(found)}`;
}
