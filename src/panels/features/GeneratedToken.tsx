import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { GeneratedRow } from '../../lens/api/generate';
import type { SiteCodes, SiteInfo } from '../../lens/api/site';
import { figure, fvu, signed } from '../../lens/maths/figures';
import { isSink } from '../../lens/maths/sinks';
import { type StreamKind, streamTitle, type ViewState } from '../../state/base/view';
import { selectSinkMedian } from '../../state/page/selectors';
import { cutTokens } from '../../state/reading/kept-codes';
import { codesOf, type Difference, differences, partnerOf, unread } from '../../state/steering/generated';
import { Choice } from '../../ui/Choice';
import { TableExport } from '../../ui/TableExport';
import { spoken } from '../../ui/token-pieces';
import StreamAlternatives from '../alternatives/StreamAlternatives';
import { ErrorTerm } from '../ErrorTerm';
import { nameOf } from '../notebook/use-notes';
import { pairTable } from '../tables';
import { useBench, usePage } from '../use-workbench';
import { cutSays } from './facts';
import { digitsFor, Pair } from './Pair';

const LISTED = 16;
const PARTNERS = [
  { value: 'steered', label: 'steered' },
  { value: 'control', label: 'control' },
] as const;

/** One place of a text: its token, why its codes cannot be had, and else the codes. */
interface Place {
  kind: StreamKind;
  row: GeneratedRow | null;
  missing: string | null;
  codes: SiteCodes | null;
}

/** Drawn again only when this place changes, not with the rest of the stream. */
const usePlace = (kind: StreamKind, index: number, layer: number): Place =>
  useStore(
    useBench().runner.store,
    useShallow(({ streams }) => {
      const stream = streams?.[kind] ?? null;
      return {
        kind,
        row: stream?.[index] ?? null,
        missing: unread(stream, index, layer, kind),
        codes: codesOf(stream, index, layer),
      };
    }),
  );

/** Which features are active on a locked token of a generated text, baseline against steered or control at the same
 *  place. */
export default function GeneratedToken({
  site,
  generated,
}: {
  site: SiteInfo;
  generated: NonNullable<ViewState['generated']>;
}) {
  const bench = useBench();
  const { stream, index } = generated;
  const partner = partnerOf(stream);
  const base = usePlace('baseline', index, site.layer);
  const beside = usePlace(partner, index, site.layer);
  const stale = useStore(bench.runner.store, (s) => s.stale);
  const alone = useStore(bench.runner.store, (s) => s.streams?.steered === null);
  const controlled = useStore(bench.runner.store, (s) => Boolean(s.streams?.control));
  const other = alone ? null : beside;
  const own = (stream === 'baseline' || !other ? base : other).row;
  return (
    <div className={stale ? 'pairs stale' : 'pairs'} data-testid="generated">
      <div className="list-head">
        <h3>
          {streamTitle[stream]}, token {index + 1}{' '}
          {own && (
            <span className="mono">“{own.text === '' && own.done === 'stop' ? 'end of text' : spoken(own.text)}”</span>
          )}
        </h3>
        <button type="button" onClick={() => bench.view.unlock()}>
          Unlock
        </button>
      </div>
      <StreamAlternatives stream={stream} index={index} />
      {other && (
        <div className="caption pair-choice">
          <span>Against baseline:</span>
          <Choice
            name="partner"
            label="Text that the baseline is compared with"
            options={controlled ? PARTNERS : PARTNERS.slice(0, 1)}
            value={partner}
            onChange={(next) => bench.view.set({ generated: { stream: next, index } })}
          />
        </div>
      )}
      <Compared site={site} base={base} other={other} />
    </div>
  );
}

function Compared({ site, base, other }: { site: SiteInfo; base: Place; other: Place | null }) {
  const bench = useBench();
  const all = differences(base.codes, other?.codes ?? null);
  const rows = all.slice(0, LISTED);
  const missing = [base, other].flatMap((place) => (place?.missing ? [place] : []));
  const table = () => {
    const pairs = rows.map(({ id, base: from, other: to }) => ({ id, from, to }));
    return pairTable('generated-token', ['baseline', other?.kind ?? 'other'], site.layer, pairs, (id) =>
      nameOf(bench, site.layer, id),
    );
  };
  const parted = base.row && other?.row && base.row.token !== other.row.token;
  return (
    <>
      {missing.map(({ kind, missing: why }) => (
        <p key={kind} className="caption" data-testid={`unread-${kind}`}>
          {streamTitle[kind]}: {why}
        </p>
      ))}
      {rows.length > 0 && (
        <p className="caption figures">
          {rows.length} of {all.length} features
        </p>
      )}
      {[base, other].map((place) => place && <Cut key={place.kind} {...place} />)}
      {[base, other].map((place) => place && <Sink key={place.kind} {...place} layer={site.layer} />)}
      {rows.length > 0 && <Pairs site={site} base={base} other={other} rows={rows} />}
      <p className="caption">
        {parted && 'The texts have parted before here: two tokens after two different texts are compared. '}
        Features as they were before the edit at this layer. They show what edits at earlier layers and tokens changed,
        not the edit itself.
      </p>
      {rows.length > 0 && (
        <p className="caption list-foot">
          <TableExport of="the features of this token" testId="save-generated" table={table} />
        </p>
      )}
    </>
  );
}

/** Says that not all of a token's features are here. */
function Cut({ kind, codes }: Place) {
  const cut = codes && cutTokens(codes, [0]);
  return (
    cut && (
      <p className="caption figures">
        {streamTitle[kind]}: {cut.active} active{cutSays(cut, true)}, the strongest.
      </p>
    )
  );
}

/** Says that a token is one, by the medians that tell them while text streams. */
function Sink({ kind, codes, layer }: Place & { layer: number }) {
  const median = usePage((page) => selectSinkMedian(page, layer));
  return (
    codes &&
    isSink(codes.norm[0]!, codes.peak[0] ?? 0, median) && (
      <p className="caption">{streamTitle[kind]}: an attention sink, whose activations say little about the text.</p>
    )
  );
}

function Pairs(props: { site: SiteInfo; base: Place; other: Place | null; rows: readonly Difference[] }) {
  const { site, base, other, rows } = props;
  const end = Math.max(0, ...rows.map(({ difference }) => Math.abs(difference ?? 0)));
  const digits = digitsFor(Math.max(0, ...rows.flatMap((row) => [row.base ?? 0, row.other ?? 0])));
  return (
    <table className="pair-table figures">
      <thead>
        <tr>
          <th scope="col">{base.codes && other?.codes ? 'by |difference|' : 'by activation'}</th>
          <Head place={base} />
          {other ? <Head place={other} /> : <th scope="col">–</th>}
          <th scope="col" title="difference from the baseline">
            diff.
          </th>
          <td aria-hidden="true" />
          <td aria-hidden="true" />
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, base: from, other: to }) => (
          <Pair
            key={id}
            layer={site.layer}
            id={id}
            from={from ?? Number.NaN}
            to={to ?? Number.NaN}
            end={end}
            digits={digits}
          />
        ))}
      </tbody>
      <tfoot>
        <Fact
          name={<ErrorTerm site={site} />}
          from={base.codes?.fvu[0]}
          to={other?.codes?.fvu[0]}
          says={fvu}
          change={(value) => signed(value, 3)}
        />
        <Fact
          name="residual norm"
          from={base.codes?.norm[0]}
          to={other?.codes?.norm[0]}
          says={figure}
          change={(value) => (value > 0 ? `+${figure(value)}` : figure(value))}
        />
      </tfoot>
    </table>
  );
}

/** A column's text, with its token. */
function Head({ place: { kind, row } }: { place: Place }): ReactNode {
  return (
    <th scope="col" className={kind === 'baseline' ? '' : `row-${kind}`}>
      {kind === 'baseline' ? 'base' : kind} <span className="mono pair-token">{row ? spoken(row.text) : ''}</span>
    </th>
  );
}

interface FactProps {
  name: ReactNode;
  from: number | undefined;
  to: number | undefined;
  says: (value: number) => string;
  change: (value: number) => string;
}

function Fact({ name, from, to, says, change }: FactProps) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{from === undefined ? '–' : says(from)}</td>
      <td>{to === undefined ? '–' : says(to)}</td>
      <td>{from === undefined || to === undefined ? '–' : change(to - from)}</td>
      <td />
      <td />
    </tr>
  );
}
