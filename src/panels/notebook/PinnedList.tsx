import { useStore } from 'zustand';
import { figure } from '../../lens/maths/figures';
import { latentOf } from '../../lens/maths/report';
import { keyOf } from '../../state/features/feature-key';
import type { Entry } from '../../state/notebook/record';
import { positionsOf } from '../../state/reading/positions';
import { peak } from '../../state/reading/rank';
import { sinksAt } from '../../state/reading/sinks';
import { FeatureName } from '../FeatureName';
import { placeSays } from '../features/place';
import { useBench, useFull, useRankView, useReading, useStale } from '../use-workbench';
import { useName, usePinned } from './use-notes';
import './notebook.css';

/** The pinned features of all sites, in the order in which they were pinned: what they are called, what is noted, and
 *  where one is of this site its value. */
export default function PinnedList() {
  const bench = useBench();
  const pinned = usePinned();
  const found = useReading();
  const view = useRankView();
  const all = useStore(
    bench.notebook.store,
    (s) => [...s.entries.values()].filter((entry) => entry.pinned !== null).length,
  );
  const stale = useStale();
  const others = all - pinned.length;
  if (!pinned.length)
    return (
      <p className="empty">
        No pinned feature{others ? ' of this dictionary' : ''}. Press <i>Pin on top</i> on a feature’s card: it is
        listed here, and stays at the top of its layer’s list in every text.
        {others > 0 && ` ${others} pinned of another dictionary: see the notebook.`}
      </p>
    );
  return (
    <div className={stale ? 'stale' : ''} data-testid="pinned">
      <div className="list-head">
        <p className="caption figures">{pinned.length} pinned</p>
        <p className="caption">
          {found && `largest value ${placeSays(found.reading, found.site.layer, view)}; layer ${found.site.layer}`}
        </p>
      </div>
      <ol className="pinned">
        {pinned.map((entry) => (
          <Pinned key={keyOf(entry)} entry={entry} />
        ))}
      </ol>
      {others > 0 && <p className="caption">{others} more of another dictionary: see the notebook.</p>}
    </div>
  );
}

function Pinned({ entry }: { entry: Entry }) {
  const bench = useBench();
  const { layer, feature, note } = entry;
  const name = useName(layer, feature);
  const full = useFull();
  const [line] = note.split('\n', 1);
  return (
    <li data-testid={`pinned-${layer}-${feature}`}>
      <div className="pinned-line">
        <FeatureName layer={layer} id={feature} label={name} />
        <Value layer={layer} feature={feature} />
        <button
          type="button"
          className="steer-button"
          aria-label={`Steer ${layer}:${feature}`}
          disabled={full}
          onClick={() => bench.steer(layer, feature)}
        >
          Steer
        </button>
        <button
          type="button"
          className="bare"
          aria-label={`Unpin ${layer}:${feature}`}
          onClick={() => bench.notebook.note(entry, { pinned: false })}
        >
          Unpin
        </button>
      </div>
      {line && <p className="pinned-note feature-label">{line}</p>}
    </li>
  );
}

function Value({ layer, feature }: { layer: number; feature: number }) {
  const found = useReading();
  const view = useRankView();
  if (found?.site.layer !== layer) return <span className="figures" />;
  const { reading, codes } = found;
  const value = peak(latentOf(codes, feature), positionsOf(reading, { ...view, sinks: sinksAt(reading, layer) }));
  return <span className="figures">{figure(value)}</span>;
}
