import { useStore } from 'zustand';
import { figure, percent } from '../../lens/maths/figures';
import { isOn } from '../../state/steering/edits';
import { promptChange } from '../../state/steering/measure';
import { useBench, useStale } from '../use-workbench';

export const MEANS = 'Mean over the tokens acted on, position 0 left out; the share is the ratio of sums.';

/** The preview, and whether it answers what stands now. */
export function useChanges() {
  const bench = useBench();
  const { value, key, answered } = useStore(bench.preview.store, (s) => s);
  const elsewhere = useStale();
  return { value, current: key === answered && !elsewhere };
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
