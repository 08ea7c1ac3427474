import { useStore } from 'zustand';
import { figure, percent } from '../../lens/maths/figures';
import { type Sinks, sinksAt } from '../../state/reading/sinks';
import { isOn } from '../../state/steering/edits';
import { promptChange } from '../../state/steering/measure';
import { useBench, useStale } from '../use-workbench';

export const MEANS =
  'Mean over the tokens acted on, attention sinks left out, the first token among them; the share is the ratio of sums.';

/** The preview, and whether it answers what stands now. */
export function useChanges() {
  const bench = useBench();
  const { value, key, answered } = useStore(bench.preview.store, (s) => s);
  const elsewhere = useStale();
  return { value, current: key === answered && !elsewhere };
}

/** The sinks of the text on show, by layer. */
export function useSinks(): (layer: number) => Sinks {
  const reading = useStore(useBench().tracer.store, (s) => s.reading);
  return (layer) => (reading ? sinksAt(reading, layer) : NONE);
}

const NONE: Sinks = new Set();

/** What the edits of a site do together, where there are several: their changes add up as vectors. */
export function JointChanges() {
  const bench = useBench();
  const rows = useStore(bench.steering.store, (s) => s.rows);
  const { value, current } = useChanges();
  const sinksOf = useSinks();
  const edits = (layer: number) => rows.filter((row) => isOn(row) && row.layer === layer).length;
  const joint = value?.reports.filter(({ layer }) => edits(layer) > 1) ?? [];
  if (!joint.length) return null;
  const each = joint.map((report) => {
    const { acted, of, change, share } = promptChange(report, sinksOf(report.layer));
    const size = acted
      ? `${figure(change)} = ${percent(share)} of the residual norm there`
      : `on 0 of ${of} prompt tokens`;
    return `layer ${report.layer} ${size}`;
  });
  return (
    <p className={current ? 'changes caption figures' : 'changes caption figures stale'} title={MEANS}>
      Together: {each.join('; ')}
    </p>
  );
}
