import { Dumbbells } from '../../ui/Dumbbells';
import { Failure } from '../../ui/Failure';
import { fixed } from '../../ui/format';
import { useBench, usePart } from '../bench';

const MOVED = 12;

/** The next token under the edits, while the hand is still on the slider. */
export function NextToken() {
  const bench = useBench();
  const { value, key, answered, error } = usePart(bench.preview.store, (s) => s);
  return (
    <div className="next-token">
      <h3>
        Next token, p: base to <span className="steered">steered</span>
      </h3>
      {error && <Failure error={error} />}
      <div className={key === answered ? '' : 'stale'}>
        <Dumbbells moved={value?.moved ?? []} rows={MOVED} />
      </div>
      <p className="caption figures">
        {value
          ? `The ${value.moved.length} tokens that moved most. KL ${fixed(value.kl, 3)} nats.`
          : 'No edit is on. Steer a feature to see which tokens move.'}
      </p>
    </div>
  );
}
