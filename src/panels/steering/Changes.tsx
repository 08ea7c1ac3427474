import { useStore } from 'zustand';
import type { EditReport } from '../../lens/api/edit';
import { figure, percent } from '../../lens/maths/figures';
import { type EditRow, isOn, placeInRun } from '../../state/steering/edits';
import { promptChange } from '../../state/steering/measure';
import { useBench, useStale } from '../use-workbench';

const MEANS = 'Mean over the tokens acted on, position 0 left out; the share is the ratio of sums.';

function says(report: EditReport): string {
  const { acted, of, change, share } = promptChange(report);
  const gate = report.open ? `, gate open at ${report.open.reduce((sum, open) => sum + open, 0)}` : '';
  return acted
    ? `change ${figure(change)} = ${percent(share)} of the residual norm; acted on ${acted} of ${of} tokens${gate}`
    : `acted on 0 of ${of} prompt tokens${gate}`;
}

/** The preview, and whether it answers what stands now. */
function useChanges() {
  const bench = useBench();
  const { value, key, answered } = useStore(bench.preview.store, (s) => s);
  const elsewhere = useStale();
  return { value, current: key === answered && !elsewhere };
}

/** What one edit does to the residual stream over the prompt. */
export function OwnChange({ row }: { row: EditRow }) {
  const bench = useBench();
  const place = useStore(bench.steering.store, (s) => placeInRun(s.rows, row.key));
  const { value, current } = useChanges();
  const report = place < 0 ? null : value?.edits[place];
  return (
    <p
      className={current ? 'changes caption figures' : 'changes caption figures stale'}
      data-testid="changes"
      title={MEANS}
    >
      {report && says(report)}
    </p>
  );
}

/** What the edits of a site do together, where there are several: their changes add up as vectors. */
export function JointChanges() {
  const bench = useBench();
  const rows = useStore(bench.steering.store, (s) => s.rows);
  const { value, current } = useChanges();
  const edits = (layer: number) => rows.filter((row) => isOn(row) && row.layer === layer).length;
  const joint = value?.reports.filter(({ layer }) => edits(layer) > 1) ?? [];
  if (!joint.length) return null;
  const each = joint.map((report) => {
    const { acted, of, change, share } = promptChange(report);
    const size = acted ? `${figure(change)} = ${percent(share)} of the residual norm` : `on 0 of ${of} prompt tokens`;
    return `layer ${report.layer} ${size}`;
  });
  return (
    <p className={current ? 'changes caption figures' : 'changes caption figures stale'} title={MEANS}>
      Together: {each.join('; ')}
    </p>
  );
}
