import { useStore } from 'zustand';
import { fixed, signed } from '../../lens/maths/figures';
import { labelOf } from '../../state/features/labels';
import { FeatureName } from '../FeatureName';
import { useBench, useFull, useShownFeature } from '../use-workbench';
import './contrast.css';

interface PairProps {
  layer: number;
  id: number;
  /** The feature's value on either side, NaN where there is none to tell. */
  from: number;
  to: number;
  /** End of the bars' scale: the largest |difference| of the list. */
  end: number;
  /** Decimals, the same in a list. */
  digits: number;
}

/** A feature's value here and there, their difference with its sign, and a bar on its side of the zero rule. */
export function Pair({ layer, id, from, to, end, digits }: PairProps) {
  const bench = useBench();
  const full = useFull();
  const label = useStore(bench.labels.store, (s) => labelOf(s.sites, layer, id));
  const shown = useShownFeature() === id;
  const difference = to - from;
  return (
    <tr className={shown ? 'pair-shown' : undefined} data-testid={`pair-${id}`}>
      <th scope="row">
        <FeatureName layer={layer} id={id} label={label} />
      </th>
      <td>{fixed(from, digits)}</td>
      <td>{fixed(to, digits)}</td>
      <td className="pair-difference">{Number.isNaN(difference) ? '–' : signed(difference, digits)}</td>
      <td className="pair-bar">
        <DifferenceBar share={end > 0 ? difference / end : 0} />
      </td>
      <td>
        <button
          type="button"
          className="steer-button"
          aria-label={`Steer ${layer}:${id}`}
          disabled={full}
          onClick={() => bench.steer(layer, id)}
        >
          Steer
        </button>
      </td>
    </tr>
  );
}

/** `share` of the scale, −1 to 1. */
function DifferenceBar({ share }: { share: number }) {
  const width = Number.isNaN(share) ? 0 : Math.min(1, Math.abs(share)) * 50;
  return (
    <span className="zero-rule" aria-hidden="true">
      {width > 0 && <i style={{ width: `${width}%`, left: share < 0 ? `${50 - width}%` : '50%' }} />}
    </span>
  );
}

/** Decimals that tell the values of a list apart without more places than they bear. */
export const digitsFor = (largest: number): number => (largest >= 100 ? 0 : largest >= 10 ? 1 : 2);
