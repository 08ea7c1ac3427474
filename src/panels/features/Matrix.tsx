import { memo, useMemo } from 'react';
import { useStore } from 'zustand';
import type { SiteCodes, SiteInfo } from '../../lens/api/site';
import { count, figure, fixed, fvu } from '../../lens/maths/figures';
import type { ViewState } from '../../state/base/view';
import { chipAt } from '../../state/reading/chips';
import { errorName } from '../../state/reading/error-name';
import { allPositions } from '../../state/reading/positions';
import type { RankedFeature } from '../../state/reading/rank';
import { LISTED, scaleOf } from '../../state/reading/select';
import type { Reading } from '../../state/reading/trace';
import { spoken } from '../../ui/token-pieces';
import { ErrorTerm } from '../ErrorTerm';
import { useOwnName } from '../notebook/use-notes';
import { countRender } from '../render-count';
import { useCounted } from '../tokens/use-counted';
import { useBench, useFull, useShownFeature, useView } from '../use-workbench';
import { MatrixSheet } from './MatrixSheet';
import { MatrixTokens } from './MatrixTokens';
import { activityOf, strengthsOf } from './matrix-layout';

interface MatrixProps {
  reading: Reading;
  site: SiteInfo;
  codes: SiteCodes;
  rows: readonly RankedFeature[];
  /** How many of them come first because they are pinned. */
  pinned: number;
}

/** Recorder strips, each the whole text in the width there is, under the tokens' names: a row a feature, filled on the
 *  scale that the chips have; first those that the reader pinned, last the error that no feature explains. */
export function Matrix({ reading, site, codes, rows, pinned }: MatrixProps) {
  countRender('matrix');
  const bench = useBench();
  const { strips, says, peaks, error } = useStrips(reading, site, codes, rows);
  const labels = useStore(bench.labels.store, (s) => s.sites[site.layer]?.labels);
  const shown = useShownFeature();
  const full = useFull();
  const raw = useView((s) => s.rank === 'raw');
  const over = useView((s) => s.over);
  return (
    <div className="matrix" style={{ '--rows': LISTED + 1 } as React.CSSProperties}>
      <MatrixTokens reading={reading} peak={peaks[rows.findIndex(({ id }) => id === shown)] ?? null} />
      <div className="matrix-strips">
        <ol>
          {rows.map((row, i) => (
            <MatrixRow
              key={row.id}
              id={row.id}
              layer={site.layer}
              label={labels?.[row.id] ?? null}
              value={valueSays(row, raw, over)}
              says={says[i]!}
              shown={row.id === shown}
              pinned={i < pinned}
              full={full}
            />
          ))}
          <li className="matrix-row matrix-fvu">
            <span>unexplained</span>
            <span className="caption figures">
              <ErrorTerm site={site} />, 0 to {error.end === 1 ? 1 : fvu(error.end)}
            </span>
            <span className="strip" role="img" aria-label={says.at(-1)} />
          </li>
        </ol>
        <MatrixSheet reading={reading} strips={strips} />
      </div>
      <p className="matrix-ticks caption figures">
        <span>position</span>
        <span>0</span>
        <span>{reading.count > 1 && count(reading.count - 1)}</span>
      </p>
    </div>
  );
}

/** The number that a row is ranked by. */
function valueSays(row: RankedFeature, raw: boolean, over: ViewState['over']): string {
  if (over === 'count') return count(row.count);
  return raw || row.relative === null ? figure(over === 'mean' ? row.mean : row.value) : fixed(row.relative, 2);
}

/** Every row's cells, on the same choice of scale as the chips, and what they show in words; last the error's. */
function useStrips(reading: Reading, site: SiteInfo, codes: SiteCodes, rows: readonly RankedFeature[]) {
  const bench = useBench();
  const seen = useStore(bench.tracer.store, (s) => s.seen);
  const scale = useView((s) => s.scale);
  const counted = useCounted(reading, site.layer);
  return useMemo(() => {
    const scaled = (colour: 'feature' | 'fvu', id: number | null) =>
      scaleOf(reading, codes, site, 1, seen, { colour, scale, ...counted }, id);
    const features = rows.map(({ id }) => scaled('feature', id));
    const error = scaled('fvu', null);
    const positions = allPositions(reading, counted);
    const where = (position: number) =>
      `position ${position}, “${spoken(chipAt(reading.chips, position)?.text ?? '')}”`;
    const activities = features.map(({ values }) => activityOf(values, positions));
    const says = features.map(({ values }, i) => {
      const { active, most } = activities[i]!;
      const on = `${site.layer}:${rows[i]!.id} active on ${count(active)} of ${count(reading.count)} tokens`;
      return most === null ? on : `${on}, most at ${where(most)}: ${figure(values[most]!)}`;
    });
    const { most } = activityOf(error.values, positions);
    return {
      strips: [...features, error].map(({ values, end }) => strengthsOf(values, end, reading.count, positions)),
      says: [
        ...says,
        most === null
          ? `${errorName(site).short} of each token`
          : `${errorName(site).short} of each token, largest at ${where(most)}: ${fvu(error.values[most]!)}`,
      ],
      peaks: activities.map(({ most }) => most),
      error,
    };
  }, [reading, site, codes, rows, seen, scale, counted]);
}

interface RowProps {
  id: number;
  layer: number;
  label: string | null;
  value: string;
  /** What the strip shows, in words. */
  says: string;
  shown: boolean;
  pinned: boolean;
  full: boolean;
}

const MatrixRow = memo(function MatrixRow({ id, layer, label, value, says, shown, pinned, full }: RowProps) {
  countRender('matrix-row');
  const bench = useBench();
  const name = useOwnName(layer, id) ?? label;
  return (
    <li
      className={`matrix-row${shown ? ' matrix-shown' : ''}${pinned ? ' matrix-pinned' : ''}`}
      data-testid={`feature-row-${id}`}
    >
      <button
        type="button"
        className="bare"
        aria-pressed={shown}
        title={name ?? undefined}
        onClick={() => bench.view.set({ feature: id, colour: 'feature' })}
      >
        <span className="mono">
          {layer}:{id}
        </span>
        {name && <span className="feature-label">{name}</span>}
        {pinned && <span className="hidden">, pinned</span>}
      </button>
      <span className="figures">{value}</span>
      <button
        type="button"
        className="steer-button"
        aria-label={`Steer ${layer}:${id}`}
        disabled={full}
        onClick={() => bench.steer(layer, id)}
      >
        Steer
      </button>
      <span className="strip" role="img" aria-label={says} />
    </li>
  );
});
