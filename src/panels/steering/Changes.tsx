import { promptChange } from '../../state/measure';
import { figure, percent } from '../../ui/format';
import { useBench, usePart, useStale } from '../bench';

/** What the edits do to the residual stream over the prompt, a line a site. */
export function Changes() {
  const bench = useBench();
  const { value, key, answered } = usePart(bench.preview.store, (s) => s);
  const elsewhere = useStale();
  const rows = usePart(bench.steering.store, (s) => s.rows);
  const on = rows.filter((row) => row.enabled && row.weight !== 0);
  const current = key === answered && !elsewhere;
  return (
    <div className={current ? 'changes' : 'changes stale'} data-testid="changes">
      {value?.reports.map((report) => {
        const { acted, of, change, share } = promptChange(report);
        const here = on.filter((row) => row.layer === report.layer).length;
        return (
          <p key={report.layer} className="caption figures" title="Mean over the tokens acted on, position 0 left out; the share is the ratio of sums.">
            {on.length > 1 && `site ${report.layer}, ${here === 1 ? '1 edit' : `${here} edits together`}: `}
            {acted
              ? `change ${figure(change)} = ${percent(share)} of the residual norm; acted on ${acted} of ${of} tokens`
              : `acted on 0 of ${of} prompt tokens`}
          </p>
        );
      })}
    </div>
  );
}
