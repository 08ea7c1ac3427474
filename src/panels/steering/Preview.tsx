import { useStore } from 'zustand';
import type { Moved } from '../../lens/api/edit';
import { nats } from '../../lens/maths/figures';
import { isOn } from '../../state/steering/edits';
import { Dumbbells } from '../../ui/Dumbbells';
import { Failure } from '../../ui/Failure';
import { useBench, useStale } from '../use-workbench';

/** As many as stand beside the chart of the run; the engine lists some more. */
const MOVED = 8;
/** What reads as 0.001: a smaller move would be two equal figures. */
const LEAST = 0.0005;

export const movedAtAll = (moved: readonly Moved[]): Moved[] =>
  moved.filter(({ base, edited }) => Math.abs(edited - base) >= LEAST);

/** The next token under the edits, while the hand is still on the slider. Without an edit there is none to show. */
export function NextToken() {
  const bench = useBench();
  const { value, key, answered, error } = useStore(bench.preview.store, (s) => s);
  const rows = useStore(bench.steering.store, (s) => s.rows);
  const traced = useStore(bench.tracer.store, (s) => s.trace !== null);
  const elsewhere = useStale();
  if (!rows.length) return null;
  if (!rows.some(isOn)) return <p className="caption">No edit is on: the next token is the baseline’s.</p>;
  if (!traced)
    return (
      <div className="next-token">
        <p className="caption">No trace to edit yet.</p>
      </div>
    );
  const moved = value && movedAtAll(value.moved);
  return (
    <div className="next-token">
      <h3>
        Next token, p: base to <span className="steered">steered</span>
      </h3>
      {error && <Failure error={error} />}
      <div className={key === answered && !elsewhere ? '' : 'stale'}>
        <Dumbbells
          moved={moved ?? []}
          rows={MOVED}
          none={moved && 'No probability changed by 0.001 here; later tokens may still change.'}
        />
      </div>
      <p className="caption figures">
        {value
          ? `KL(steered || baseline) ${nats(value.kl)} nats`
          : key !== null && !error && 'Reading the next token under the edits.'}
      </p>
    </div>
  );
}
