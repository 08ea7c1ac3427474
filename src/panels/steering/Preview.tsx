import { useStore } from 'zustand';
import type { Moved } from '../../lens/api/edit';
import { nats } from '../../lens/maths/figures';
import { isOn } from '../../state/steering/edits';
import { Dumbbells } from '../../ui/Dumbbells';
import { Failure } from '../../ui/Failure';
import { useBench, useStale } from '../use-workbench';

/** As many as stand beside the chart of the run; the engine lists some more. */
const MOVED = 8;
/** What reads as .001: a smaller move would be two equal figures. */
const LEAST = 0.0005;

export const movedAtAll = (moved: readonly Moved[]): Moved[] =>
  moved.filter(({ base, edited }) => Math.abs(edited - base) >= LEAST);

/** The next token under the edits, while the hand is still on the slider. */
export function NextToken() {
  const bench = useBench();
  const { value, key, answered, error } = useStore(bench.preview.store, (s) => s);
  const elsewhere = useStale();
  const moved = value && movedAtAll(value.moved);
  return (
    <div className="next-token">
      <h3>
        Next token after the text, p: base to <span className="steered">steered</span>
      </h3>
      {error && <Failure error={error} />}
      <div className={key === answered && !elsewhere ? '' : 'stale'}>
        <Dumbbells moved={moved ?? []} rows={MOVED} />
      </div>
      <p className="caption figures">
        {value && moved ? (
          `${movedSays(Math.min(moved.length, MOVED), Math.min(value.moved.length, MOVED))} KL ${nats(value.kl)} nats.`
        ) : (
          <Nothing asked={key !== null && !error} />
        )}
      </p>
    </div>
  );
}

/** `all`: how many the engine listed, the rest having moved less. */
export function movedSays(n: number, all: number): string {
  if (n === 0) return 'No token moved by .001 here; the edit may act on later ones.';
  if (n < all) return n === 1 ? 'One token moved by .001 or more.' : `The ${n} tokens that moved by .001 or more.`;
  return `The ${n} tokens that moved most.`;
}

/** Why there is nothing to show. */
function Nothing({ asked }: { asked: boolean }) {
  const bench = useBench();
  const rows = useStore(bench.steering.store, (s) => s.rows);
  const traced = useStore(bench.tracer.store, (s) => s.trace !== null);
  if (!rows.length) return 'No edit. Steer a feature to see which tokens move.';
  if (!rows.some(isOn)) return 'No edit is on: the next token is the baseline’s.';
  if (!traced) return 'No trace to edit yet.';
  return asked ? 'Reading the next token under the edits.' : '';
}
