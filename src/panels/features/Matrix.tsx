import { memo, type PointerEvent, useEffect, useMemo, useRef } from 'react';
import type { SiteCodes, SiteInfo } from '../../lens/types';
import { type Chip, chipAt } from '../../state/chips';
import { unitOf } from '../../state/maximum';
import { activationsOf, type RankedFeature, type Ranking } from '../../state/rank';
import { LISTED } from '../../state/select';
import { shade } from '../../state/shade';
import type { Reading } from '../../state/trace';
import { figure, fixed } from '../../ui/format';
import { TokenText } from '../../ui/TokenText';
import { useBench, usePart, useShownFeature, useView } from '../bench';
import { chipValue } from '../tokens/chip-fill';
import { type Columns, columnAt, columnsOf } from './matrix-layout';

interface MatrixProps {
  reading: Reading;
  site: SiteInfo;
  codes: SiteCodes;
  ranking: Ranking;
}

/** Features x tokens under the text: a row a feature, a column a chip, filled on the scale of the feature's maximum; last the error that no feature explains. */
export function Matrix({ reading, site, codes, ranking }: MatrixProps) {
  const columns = useMemo(() => columnsOf(reading.chips), [reading.chips]);
  return (
    <div className="matrix" style={{ '--rows': LISTED + 1 } as React.CSSProperties}>
      <ol className="matrix-labels">
        {ranking.rows.map((row) => (
          <FeatureLabel key={row.id} row={row} layer={site.layer} />
        ))}
        <li className="matrix-label matrix-fvu">
          <span>unexplained</span>
          <span className="caption">FVU, 0 to 1</span>
        </li>
      </ol>
      <Strips reading={reading} site={site} codes={codes} rows={ranking.rows} columns={columns} />
    </div>
  );
}

function FeatureLabel({ row, layer }: { row: RankedFeature; layer: number }) {
  const bench = useBench();
  const raw = useView((s) => s.rank === 'raw');
  const shown = useShownFeature() === row.id;
  return (
    <li className={shown ? 'matrix-label matrix-shown' : 'matrix-label'} data-testid={`feature-row-${row.id}`}>
      <button type="button" className="mono bare" aria-pressed={shown} onClick={() => bench.view.set({ feature: row.id, colour: 'feature' })}>
        {layer}:{row.id}
      </button>
      <span className="figures">{raw || row.relative === null ? figure(row.value) : fixed(row.relative, 2)}</span>
      <button type="button" className="steer-button" aria-label={`Steer ${layer}:${row.id}`} onClick={() => bench.steer(layer, row.id)}>
        Steer
      </button>
    </li>
  );
}

function Strips({ reading, site, codes, rows, columns }: { reading: Reading; site: SiteInfo; codes: SiteCodes; rows: RankedFeature[]; columns: Columns }) {
  const bench = useBench();
  const frame = useRef<HTMLDivElement>(null);
  const first = useView((s) => s.first);
  const locked = useView((s) => s.locked);
  const seen = usePart(bench.tracer.store, (s) => s.seen);
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
        const chip = chipUnder(event);
        if (chip) bench.view.toggleLock(chip.from);
      }}
    >
      <div className="matrix-sheet" style={{ width: columns.edges.at(-1) }}>
        <Heads chips={chips} columns={columns} first={first} />
        {rows.map((row) => (
          <Strip
            key={row.id}
            chips={chips}
            columns={columns}
            values={activationsOf(codes, row.id)}
            end={unitOf(site, row.id, seen).source === 'none' ? row.value : unitOf(site, row.id, seen).value}
            first={first}
            kind="activation"
          />
        ))}
        <Strip chips={chips} columns={columns} values={codes.fvu} end={1} first={first} kind="error" />
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
  values: Float32Array;
  end: number;
  first: boolean;
  kind: 'activation' | 'error';
}

/** One row's cells; only those that are not zero are drawn. */
function Strip({ chips, columns, values, end, first, kind }: StripProps) {
  return (
    <div className={`strip strip-${kind}`}>
      {chips.map((chip, i) => {
        const fill = chip.from === 0 && !first ? 0 : shade(chipValue(chip, values), end);
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
