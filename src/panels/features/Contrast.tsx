import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { SiteCodes, SiteInfo } from '../../lens/api/site';
import { contrastOf } from '../../state/features/contrast';
import { isDense } from '../../state/reading/select';
import type { Reading } from '../../state/reading/trace';
import { Choice } from '../../ui/Choice';
import { TableExport } from '../../ui/TableExport';
import { nameOf } from '../notebook/use-notes';
import { pairTable } from '../tables';
import { useBench, useStale, useView } from '../use-workbench';
import { DenseSwitch } from './DenseSwitch';
import { denseSays } from './facts';
import { digitsFor, Pair } from './Pair';

const LISTED = 16;
const BY = [
  { value: 'mean', label: 'mean' },
  { value: 'rate', label: 'rate' },
] as const;

/** Text A, held, against what the prompt box holds, B: the features that differ most. */
export function Contrast({ reading, site, codes }: { reading: Reading; site: SiteInfo; codes: SiteCodes }) {
  const bench = useBench();
  const held = useStore(bench.contrast.store, (s) => s.held);
  const note = useStore(bench.contrast.store, (s) => s.note);
  const ready = useStore(bench.engine.store, (s) => s.phase === 'ready');
  const stale = useStale();
  const same = held?.text === reading.text;
  const against = held?.sites[site.layer];
  return (
    <div className="pairs" data-testid="contrast">
      <dl className="contrast-texts">
        <Side name="A" reading={held} empty="No text is held." />
        <Side
          name="B"
          reading={held && same ? null : reading}
          empty="The same as A. Type another text in the prompt box."
        />
      </dl>
      <p className="actions contrast-actions">
        <button type="button" disabled={stale || same} onClick={() => bench.contrast.hold()}>
          {held ? 'Hold B as A' : 'Hold this text as A'}
        </button>
        {held && (
          <>
            <button type="button" disabled={stale || same || !ready} onClick={() => void bench.contrast.swap()}>
              Swap
            </button>
            <button type="button" onClick={() => bench.contrast.release()}>
              Release A
            </button>
          </>
        )}
      </p>
      {note && (
        <p className="caption" role="status">
          {note}
        </p>
      )}
      {!held && (
        <p className="empty">
          Hold this text as A, then type another: the features that differ between the two are listed here, the largest
          difference first.
        </p>
      )}
      {held && !same && !against && <p className="empty">Text A was not read at layer {site.layer}. Hold it again.</p>}
      {against && !same && (
        <div className={stale ? 'stale' : ''}>
          <Differences a={against} b={codes} site={site} />
        </div>
      )}
    </div>
  );
}

function Side({ name, reading, empty }: { name: string; reading: Reading | null; empty: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd
        className={reading ? 'contrast-text' : 'caption'}
        title={reading?.text}
        data-testid={`contrast-${name.toLowerCase()}`}
      >
        {reading?.text ?? empty}
      </dd>
      <dd className="caption figures">{reading ? `${reading.count} tokens` : ''}</dd>
    </div>
  );
}

function Differences({ a, b, site }: { a: SiteCodes; b: SiteCodes; site: SiteInfo }) {
  const bench = useBench();
  const by = useStore(bench.contrast.store, (s) => s.by);
  const first = useView((s) => s.first);
  const dense = useView((s) => s.dense);
  const list = useMemo(
    () => contrastOf(a, b, { by, first, hidden: dense ? undefined : (id) => isDense(site, id), top: LISTED }),
    [a, b, by, first, dense, site],
  );
  const scale = by === 'rate' ? 100 : 1;
  const end = Math.abs(list.rows[0]?.difference ?? 0) * scale;
  const digits = by === 'rate' ? 0 : digitsFor(Math.max(0, ...list.rows.flatMap((row) => [row.a, row.b])));
  const table = () => {
    const rows = list.rows.map(({ id, a: from, b: to }) => ({ id, from, to }));
    return pairTable('contrast', [`${by}_a`, `${by}_b`], site.layer, rows, (id) => nameOf(bench, site.layer, id));
  };
  return (
    <>
      <div className="list-head">
        <p className="caption figures" data-testid="contrast-cut">
          {list.rows.length} of {list.active} active in A or B
        </p>
        <Choice
          name="contrast-by"
          label="Compare by"
          options={BY}
          value={by}
          onChange={(next) => bench.contrast.set(next)}
        />
      </div>
      <table className="pair-table figures">
        <thead>
          <tr>
            <th scope="col">by |difference|</th>
            <th scope="col">A{by === 'rate' && ', %'}</th>
            <th scope="col">B{by === 'rate' && ', %'}</th>
            <th scope="col">B − A</th>
            <td aria-hidden="true" />
            <td aria-hidden="true" />
          </tr>
        </thead>
        <tbody>
          {list.rows.map((row) => (
            <Pair
              key={row.id}
              layer={site.layer}
              id={row.id}
              from={row.a * scale}
              to={row.b * scale}
              end={end}
              digits={digits}
            />
          ))}
        </tbody>
      </table>
      <p className="caption">
        {by === 'mean' ? 'Mean activation over the tokens' : 'Share of tokens on which the feature is active'}
        {first ? '' : ', first token left out'}. Two texts are two samples: these are differences over {list.tokens.a}{' '}
        and {list.tokens.b} tokens.
        {end === 0 && list.rows.length > 0 && ' No feature differs.'}
      </p>
      <p className="caption list-foot">
        {site.density && <DenseSwitch over={denseSays([site])} hidden={list.dense} />}
        <TableExport of="the contrast" testId="save-contrast" table={table} />
      </p>
    </>
  );
}
