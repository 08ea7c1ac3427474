import { useMemo } from 'react';
import { useStore } from 'zustand';
import { count, scientific } from '../../lens/maths/figures';
import { reproduction } from '../../state/page/recording';
import { useBench } from '../use-workbench';

/** Says that what is shown was recorded elsewhere; once the model is open here, how far this machine's own latents are
 *  from the recording's. */
export function Recorded() {
  const bench = useBench();
  const recorded = useStore(bench.tracer.store, (s) => s.recorded);
  const reading = useStore(bench.tracer.store, (s) => s.reading);
  const found = useMemo(
    () => (recorded && reading && recorded !== reading ? reproduction(recorded, reading) : null),
    [recorded, reading],
  );
  if (!recorded || !reading) return null;
  if (recorded === reading) {
    return (
      <span
        className="recorded"
        data-testid="recorded"
        title="Computed once on another machine. The model that is being opened computes it again here."
      >
        recorded
      </span>
    );
  }
  if (!found) return null;
  const same = recorded.sites[Number(Object.keys(recorded.sites)[0])]!.ids.length * Object.keys(recorded.sites).length;
  return (
    <span
      className="recorded figures"
      data-testid="recorded"
      title={`Largest difference of an activation from the recording, over ${count(same)} of all layers, computed again on this machine`}
    >
      computed here;{' '}
      {found.delta === 0 ? 'same as the recording' : `within ${scientific(found.delta)} of the recording`}
      {found.moved > 0 && `, ${count(found.moved)} features differ`}
    </span>
  );
}
