import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { SiteCodes, SiteInfo } from '../../lens/api/site';
import { type Between, contrastOf, type Side } from '../../state/features/contrast';
import type { Found } from '../../state/page/selectors';
import { allPositions, positionsOver } from '../../state/reading/positions';
import { type Scope, scopesOf, withOwn } from '../../state/reading/scopes';
import { isDense } from '../../state/reading/select';
import { sinksAt } from '../../state/reading/sinks';
import type { Reading } from '../../state/reading/trace';
import { partsOf } from '../../state/reading/turns';
import { Choice } from '../../ui/Choice';
import { TableExport } from '../../ui/TableExport';
import { nameOf } from '../notebook/use-notes';
import { pairTable } from '../tables';
import { useBench, useStale, useView } from '../use-workbench';
import { DenseSwitch } from './DenseSwitch';
import { denseSays } from './facts';
import { digitsFor, Pair } from './Pair';
import { leftOut } from './place';

const LISTED = 16;
const BY = [
  { value: 'mean', label: 'mean' },
  { value: 'rate', label: 'rate' },
] as const;

const OF = [
  { value: 'texts', label: 'texts' },
  { value: 'turns', label: 'turns' },
] as const;

/** The features that differ most between two texts, or between two spans of the conversation on show. */
export default function Contrast(found: Found) {
  const bench = useBench();
  const { reading } = found;
  const parts = useMemo(() => partsOf(reading.chips), [reading]);
  const scopes = useMemo(() => scopesOf(parts ?? []), [parts]);
  const between = useStore(bench.contrast.store, (s) => s.between);
  if (!parts) return <Texts {...found} />;
  return (
    <>
      <div className="caption pair-choice">
        <span>Compare</span>
        <Choice
          name="contrast-of"
          label="What is compared"
          options={OF}
          value={between ? 'turns' : 'texts'}
          onChange={(of) => bench.contrast.compare(of === 'turns' ? firstPair(scopes) : null)}
        />
      </div>
      {between ? <Spans {...found} between={between} scopes={scopes} /> : <Texts {...found} />}
    </>
  );
}

/** What is compared first: those who speak, else the first two spans. */
function firstPair(scopes: readonly Scope[]): Between {
  const known = (where: string) => scopes.find((scope) => scope.where === where)?.where;
  const [one = 'all', two = one] = scopes.map(({ where }) => where);
  return { a: known('user') ?? one, b: known('assistant') ?? two };
}

/** Two spans of one conversation. */
function Spans({
  reading,
  site,
  codes,
  between: { a, b },
  scopes,
}: Found & { between: Between; scopes: readonly Scope[] }) {
  const bench = useBench();
  const first = useView((s) => s.first);
  const template = useView((s) => s.template);
  const stale = useStale();
  const counted = { first, template, sinks: sinksAt(reading, site.layer) };
  const side = (where: string) => ({ codes, positions: positionsOver(reading, where, counted) });
  const choose = (name: 'a' | 'b', value: string) => (
    <div>
      <dt>{name.toUpperCase()}</dt>
      <dd>
        <select
          aria-label={`Span ${name.toUpperCase()}`}
          data-testid={`span-${name}`}
          value={value}
          onChange={(event) => bench.contrast.compare({ a, b, [name]: event.target.value })}
        >
          {withOwn(scopes, value).map(({ where, says }) => (
            <option key={where} value={where}>
              {says}
            </option>
          ))}
        </select>
      </dd>
      <dd className="caption figures">{`${side(value).positions.length} tokens`}</dd>
    </div>
  );
  return (
    <div className="pairs" data-testid="contrast">
      <dl className="contrast-texts">
        {choose('a', a)}
        {choose('b', b)}
      </dl>
      <div className={stale ? 'stale' : ''}>
        <Differences
          a={side(a)}
          b={side(b)}
          site={site}
          names={[a, b]}
          note={`${leftOut([{ ...counted, chips: reading.chips }], counted)}. Two spans are two samples`}
        />
      </div>
    </div>
  );
}

/** Text A, held, against what the prompt box holds, B. */
function Texts({ reading, site, codes }: Found) {
  const bench = useBench();
  const held = useStore(bench.contrast.store, (s) => s.held);
  const note = useStore(bench.contrast.store, (s) => s.note);
  const ready = useStore(bench.engine.store, (s) => s.phase === 'ready');
  const stale = useStale();
  const same = held?.text === reading.text && held.bos === reading.bos;
  const against = held?.sites[site.layer];
  return (
    <div className="pairs" data-testid="contrast">
      <dl className="contrast-texts">
        <Named name="A" reading={held} empty="No text is held." />
        <Named
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
      {held && against && !same && (
        <div className={stale ? 'stale' : ''}>
          <HeldDifferences held={{ reading: held, codes: against }} shown={{ reading, codes }} site={site} />
        </div>
      )}
    </div>
  );
}

function Named({ name, reading, empty }: { name: string; reading: Reading | null; empty: string }) {
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

interface Whole {
  reading: Reading;
  codes: SiteCodes;
}

/** Two whole texts. */
function HeldDifferences({ held, shown, site }: { held: Whole; shown: Whole; site: SiteInfo }) {
  const first = useView((s) => s.first);
  const template = useView((s) => s.template);
  const marked = ({ reading }: Whole) => ({ chips: reading.chips, sinks: sinksAt(reading, site.layer) });
  const side = (of: Whole) => ({
    codes: of.codes,
    positions: allPositions(of.reading, { first, template, ...marked(of) }),
  });
  return (
    <Differences
      a={side(held)}
      b={side(shown)}
      site={site}
      names={['a', 'b']}
      note={`${leftOut([held, shown].map(marked), { first, template })}. Two texts are two samples`}
    />
  );
}

interface DifferencesProps {
  a: Side;
  b: Side;
  site: SiteInfo;
  /** Of A and B in a table that is saved. */
  names: readonly [a: string, b: string];
  /** What is left out, and what the two are. */
  note: string;
}

function Differences({ a, b, site, names, note }: DifferencesProps) {
  const bench = useBench();
  const by = useStore(bench.contrast.store, (s) => s.by);
  const dense = useView((s) => s.dense);
  const list = contrastOf(a, b, { by, hidden: dense ? undefined : (id) => isDense(site, id), top: LISTED });
  const scale = by === 'rate' ? 100 : 1;
  const end = Math.abs(list.rows[0]?.difference ?? 0) * scale;
  const digits = by === 'rate' ? 0 : digitsFor(Math.max(0, ...list.rows.flatMap((row) => [row.a, row.b])));
  const table = () => {
    const rows = list.rows.map(({ id, a: from, b: to }) => ({ id, from, to }));
    return pairTable('contrast', [`${by}_${names[0]}`, `${by}_${names[1]}`], site.layer, rows, (id) =>
      nameOf(bench, site.layer, id),
    );
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
        {note}: these are differences over {list.tokens.a} and {list.tokens.b} tokens.
        {end === 0 && list.rows.length > 0 && ' No feature differs.'}
      </p>
      <p className="caption list-foot">
        {site.density && <DenseSwitch over={denseSays([site])} hidden={list.dense} />}
        <TableExport of="the contrast" testId="save-contrast" table={table} />
      </p>
    </>
  );
}
