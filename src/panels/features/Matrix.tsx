import { memo, type PointerEvent, useEffect, useMemo, useRef } from 'react';
import type { SiteCodes, SiteInfo } from '../../lens/types';
import { type Chip, chipAt } from '../../state/chips';
import { labelOf } from '../../state/labels';
import type { RankedFeature, Ranking } from '../../state/rank';
import { LISTED, type Scale, scaleOf } from '../../state/select';
import type { Reading } from '../../state/trace';
import { figure, fixed } from '../../ui/format';
import { TokenText } from '../../ui/TokenText';
import { useBench, useFull, usePart, useShownFeature, useView } from '../bench';
import { chipFill, countsFirst } from '../tokens/chip-fill';
import { type Columns, columnAt, columnsOf } from './matrix-layout';

interface MatrixProps {
  reading: Reading;
  site: SiteInfo;
  codes: SiteCodes;
  ranking: Ranking;
}

/** Features x tokens under the text: a row a feature, a column a chip, filled on the scale that the chips have; last the error that no feature explains. */
export function Matrix({ reading, site, codes, ranking }: MatrixProps) {
  const columns = useMemo(() => columnsOf(reading.chips), [reading.chips]);
  const error = useScales(reading, site, codes)('fvu', null);
  return (
    <div className={site.features ? 'matrix matrix-labelled' : 'matrix'} style={{ '--rows': LISTED + 1 } as React.CSSProperties}>
      <ol className="matrix-labels">
        {ranking.rows.map((row) => (
          <FeatureLabel key={row.id} row={row} layer={site.layer} />
        ))}
        <li className="matrix-label matrix-fvu">
          <span>unexplained</span>
          <span className="caption">FVU, 0 to {error.end === 1 ? 1 : fixed(error.end, 2)}</span>
        </li>
      </ol>
      <Strips reading={reading} site={site} codes={codes} rows={ranking.rows} columns={columns} />
    </div>
  );
}

/** The scale of one row: the same choice of its end as the chips have. */
function useScales(reading: Reading, site: SiteInfo, codes: SiteCodes): (colour: 'feature' | 'fvu', feature: number | null) => Scale {
  const bench = useBench();
  const seen = usePart(bench.tracer.store, (s) => s.seen);
  const vocabulary = usePart(bench.engine.store, (s) => s.info?.vocabulary ?? 1);
  const scale = useView((s) => s.scale);
  const first = useView((s) => countsFirst(s, reading.count));
  return (colour, feature) => scaleOf(reading, codes, site, vocabulary, seen, { colour, scale, first }, feature);
}

function FeatureLabel({ row, layer }: { row: RankedFeature; layer: number }) {
  const bench = useBench();
  const raw = useView((s) => s.rank === 'raw');
  const shown = useShownFeature() === row.id;
  const full = useFull();
  const label = usePart(bench.labels.store, (s) => labelOf(s.sites, layer, row.id));
  return (
    <li className={shown ? 'matrix-label matrix-shown' : 'matrix-label'} data-testid={`feature-row-${row.id}`}>
      <button
        type="button"
        className="bare"
        aria-pressed={shown}
        title={label ?? undefined}
        onClick={() => bench.view.set({ feature: row.id, colour: 'feature' })}
      >
        <span className="mono">
          {layer}:{row.id}
        </span>
        {label && <span className="feature-label">{label}</span>}
      </button>
      <span className="figures">{raw || row.relative === null ? figure(row.value) : fixed(row.relative, 2)}</span>
      <button type="button" className="steer-button" aria-label={`Steer ${layer}:${row.id}`} disabled={full} onClick={() => bench.steer(layer, row.id)}>
        Steer
      </button>
    </li>
  );
}

function Strips({ reading, site, codes, rows, columns }: { reading: Reading; site: SiteInfo; codes: SiteCodes; rows: RankedFeature[]; columns: Columns }) {
  const bench = useBench();
  const frame = useRef<HTMLDivElement>(null);
  const first = useView((s) => countsFirst(s, reading.count));
  const locked = useView((s) => s.locked);
  const scaled = useScales(reading, site, codes);
  const { chips } = reading;
  const chipUnder = (event: PointerEvent): Chip | null => {
    const box = frame.current!.firstElementChild!.getBoundingClientRect();
    return chips[columnAt(columns, event.clientX - box.left)] ?? null;
  };
  useEffect(() => {
    const element = frame.current;
    const at = chips.findIndex((chip) => chip.from === locked);
    if (!element || at < 0) return;
    const [left, right] = [columns.edges[at]!, columns.edges[at + 1]!];
    if (left < element.scrollLeft) element.scrollLeft = left - 24;
    else if (right > element.scrollLeft + element.clientWidth) element.scrollLeft = right - element.clientWidth + 24;
  }, [locked, chips, columns]);
  return (
    // The chips above are the keyboard's way to lock a token; here the pointer does, and keys scroll.
    <div
      ref={frame}
      className="matrix-scroll"
      role="img"
      aria-label={`${rows.length} features over ${reading.count} tokens`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      onPointerMove={(event) => bench.view.hover(chipUnder(event)?.from ?? null)}
      onPointerLeave={() => bench.view.hover(null)}
      onPointerUp={(event) => {
        const chip = event.button === 0 && chipUnder(event);
        if (chip) bench.view.toggleLock(chip.from);
      }}
    >
      <div className="matrix-sheet" style={{ width: columns.edges.at(-1) }}>
        <Heads chips={chips} columns={columns} first={first} />
        {rows.map((row) => (
          <Strip key={row.id} chips={chips} columns={columns} scale={scaled('feature', row.id)} first={first} kind="activation" />
        ))}
        <Strip chips={chips} columns={columns} scale={scaled('fvu', null)} first={first} kind="error" />
        <Cursor chips={chips} columns={columns} kind="hover" />
        <Cursor chips={chips} columns={columns} kind="locked" />
      </div>
    </div>
  );
}

const Heads = memo(function Heads({ chips, columns, first }: { chips: Chip[]; columns: Columns; first: boolean }) {
  return (
    <div className="matrix-heads mono">
      {chips.map((chip, i) => (
        <span key={chip.from} className={chip.from === 0 && !first ? 'chip-muted' : ''} style={{ width: columns.edges[i + 1]! - columns.edges[i]! }}>
          <TokenText text={chip.text} />
        </span>
      ))}
    </div>
  );
});

interface StripProps {
  chips: Chip[];
  columns: Columns;
  scale: Scale;
  first: boolean;
  kind: 'activation' | 'error';
}

/** One row's cells; only those that are not zero are drawn. */
function Strip({ chips, columns, scale, first, kind }: StripProps) {
  return (
    <div className={`strip strip-${kind}`}>
      {chips.map((chip, i) => {
        const fill = chipFill(chip, scale, first);
        if (!fill) return null;
        return <i key={chip.from} style={{ left: columns.edges[i], width: columns.edges[i + 1]! - columns.edges[i]! - 1, opacity: fill }} />;
      })}
    </div>
  );
}

function Cursor({ chips, columns, kind }: { chips: Chip[]; columns: Columns; kind: 'hover' | 'locked' }) {
  const position = useView((s) => s[kind]);
  const chip = chipAt(chips, position);
  if (!chip) return null;
  const i = chips.indexOf(chip);
  return <i className={`cursor cursor-${kind}`} style={{ left: columns.edges[i], width: columns.edges[i + 1]! - columns.edges[i]! }} />;
}
