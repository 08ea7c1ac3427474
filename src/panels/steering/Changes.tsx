import { promptChange } from '../../state/measure';
import { figure, percent } from '../../ui/format';
import { useBench, usePart } from '../bench';

/** What the edits do to the residual stream over the prompt, a line a site. */
export function Changes() {
  const bench = useBench();
  const { value, key, answered } = usePart(bench.preview.store, (s) => s);
  const several = usePart(bench.steering.store, (s) => s.rows.filter((row) => row.enabled && row.weight !== 0).length > 1);
  return (
    <div className={key === answered ? 'changes' : 'changes stale'} data-testid="changes">
      {value?.reports.map((report) => {
        const { acted, of, change, share } = promptChange(report);
        return (
          <p key={report.layer} className="caption figures" title="Mean over the tokens acted on, position 0 left out; the share is the ratio of sums.">
            {several && `site ${report.layer}: `}
            {acted
              ? `change ${figure(change)} = ${percent(share)} of the residual norm; acted on ${acted} of ${of} tokens`
              : `acted on 0 of ${of} prompt tokens`}
          </p>
        );
      })}
    </div>
  );
}
