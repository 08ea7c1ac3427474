import { lazy, Suspense, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { type Found, selectRanking } from '../../state/page/selectors';
import { cutTokens } from '../../state/reading/kept-codes';
import { isConversation, positionsOf } from '../../state/reading/positions';
import type { Ranking } from '../../state/reading/rank';
import { selectionOf } from '../../state/reading/selection';
import { sinksAt } from '../../state/reading/sinks';
import { Choice } from '../../ui/Choice';
import { TableExport } from '../../ui/TableExport';
import { Term } from '../../ui/Term';
import { nameOf } from '../notebook/use-notes';
import { countRender } from '../render-count';
import { rankingTable } from '../tables';
import { useBench, usePage, useRankView, useReading, useStale, useView } from '../use-workbench';
import { DenseSwitch } from './DenseSwitch';
import { DictionaryButton, DictionaryLine } from './DictionaryLine';
import { FeatureDetail } from './FeatureDetail';
import { cutSays, denseSays } from './facts';
import { Matrix } from './Matrix';
import { placeSays } from './place';
import { ScopeSelect } from './ScopeSelect';
import { useRows } from './use-rows';
import './features.css';

/** Loaded when they are first asked for. */
const Contrast = lazy(() => import('./Contrast'));
const GeneratedToken = lazy(() => import('./GeneratedToken'));
const PinnedList = lazy(() => import('../notebook/PinnedList'));
const LayerSwitch = lazy(() => import('../models/LayerSwitch'));
const LayerNote = lazy(async () => ({ default: (await import('../models/LayerSwitch')).LayerNote }));

const LISTS = [
  { value: 'active', label: 'Active' },
  { value: 'contrast', label: 'Contrast' },
  { value: 'pinned', label: 'Pinned' },
] as const;

const RANKS = [
  { value: 'relative', label: '× max' },
  { value: 'raw', label: 'raw' },
] as const;

const OVER = [
  { value: 'max', label: 'max' },
  { value: 'mean', label: 'mean' },
  { value: 'count', label: 'count' },
] as const;

/** Which features of the dictionary are active, where, and what the chosen one writes. */
export function Features() {
  countRender('features');
  const bench = useBench();
  const found = useReading();
  const list = useView((s) => s.list);
  const generated = useView((s) => s.generated !== null);
  const model = useStore(bench.engine.store, (s) => s.url);
  /** How many layers could have a dictionary of those that the open model has none of; null: it has one. */
  const bare = useStore(bench.engine.store, (s) =>
    s.lens && s.info?.sites.length === 0 ? s.info.openable.length : null,
  );
  const [asked, setAsked] = useState<{ layer: number | null; model: string }>({ layer: null, model });
  // A layer asked for in one model is not asked for in another.
  const wanted = asked.model === model ? asked.layer : null;
  const setWanted = (layer: number | null) => setAsked({ layer, model });
  return (
    <section className="region features" aria-labelledby="features-title">
      <div className="region-head">
        <h2 id="features-title">Features</h2>
        <Choice
          name="list"
          label="What is listed"
          testId="list"
          options={LISTS}
          value={generated ? null : list}
          onChange={(next) => bench.view.set({ list: next, generated: null })}
        />
        <SiteSwitch onAsk={setWanted} />
      </div>
      {/* Keeps the focus of a question that goes with its answer. */}
      <div tabIndex={-1}>
        <Switching wanted={wanted} onAsk={setWanted} />
      </div>
      {found ? (
        <>
          <Suspense fallback={<div className="list-room" />}>
            <List {...found} />
          </Suspense>
          <FeatureDetail site={found.site} />
        </>
      ) : (
        <p className="empty">
          {bare !== null
            ? `No dictionary is open with this model, and without one there are no features. ${bare ? 'Choose the layer of one.' : 'Under Models one can be named for it.'}`
            : 'No text is read yet. Its features are listed here.'}
        </p>
      )}
    </section>
  );
}

/** What the view asks for: a locked generated token goes before any list. */
function List(found: Found) {
  const list = useView((s) => s.list);
  const generated = useView((s) => s.generated);
  if (generated) return <GeneratedToken site={found.site} generated={generated} />;
  if (list === 'contrast') return <Contrast {...found} />;
  return list === 'pinned' ? <PinnedList /> : <Listed {...found} />;
}

/** What stands between the choice of a layer and its dictionary. */
function Switching({ wanted, onAsk }: { wanted: number | null; onAsk: (layer: number | null) => void }) {
  const { store } = useBench().engine;
  const says = useStore(store, (s) => s.switching !== null || s.switchError !== null);
  return (
    (says || wanted !== null) && (
      <Suspense fallback={null}>
        <LayerNote wanted={wanted} onAsk={onAsk} />
      </Suspense>
    )
  );
}

/** The open sites; where there may be dictionaries of more layers than are open, a choice of all of them. */
function SiteSwitch({ onAsk }: { onAsk: (layer: number | null) => void }) {
  const bench = useBench();
  const info = useStore(bench.engine.store, (s) => s.info);
  const layer = useView((s) => s.site);
  // Of a repository, or a folder beside the page, the page may know more layers than the engine, which asked nobody for
  // a list.
  const named = useStore(bench.engine.store, (s) => /hub|url/.test(s.request?.dictionary?.kind ?? ''));
  if (!info) return null;
  const more = named || info.openable.length > info.sites.length;
  if (layer === null && !more) return null;
  return (
    <span
      className="site-switch"
      title="Residual stream after this layer (resid_post). Each layer has features and ids of its own."
    >
      <span className="caption">
        <Term id="layer">Layer</Term>
      </span>
      {layer !== null && (!more || info.sites.length > 1) && (
        <Choice
          name="site"
          label="Layer; each has features and ids of its own"
          testId="site"
          options={info.sites.map((site) => ({ value: site.layer, label: String(site.layer) }))}
          value={layer}
          onChange={(next) => bench.view.chooseSite(next)}
        />
      )}
      {more && (
        <>
          <Suspense
            fallback={
              <select disabled aria-label="Layer of the dictionary">
                <option>{info.sites[0]?.layer ?? 'none'}</option>
              </select>
            }
          >
            <LayerSwitch info={info} onAsk={onAsk} />
          </Suspense>
          <span className="caption figures">of {info.layers}</span>
        </>
      )}
    </span>
  );
}

function Listed(found: Found) {
  const ranking = usePage(selectRanking);
  return ranking && <Ranked {...found} ranking={ranking} />;
}

function Ranked({ reading, site, codes, ranking }: Found & { ranking: Ranking }) {
  const bench = useBench();
  const own = useView((s) => s.scale === 'maximum');
  const view = useRankView();
  const stale = useStale();
  const { rows, pinned } = useRows(reading, site, ranking);
  const span = selectionOf(reading, view);
  const { locked, anchor, scope, first, template } = view;
  // A text has a hundred thousand positions, and this is drawn with each choice in the list.
  const { cut, one, place } = useMemo(() => {
    const over = { locked, anchor, scope, first, template };
    const positions = positionsOf(reading, { ...over, sinks: sinksAt(reading, site.layer) });
    return {
      cut: cutTokens(codes, positions),
      one: positions.length === 1,
      place: placeSays(reading, site.layer, over),
    };
  }, [reading, codes, site, locked, anchor, scope, first, template]);
  const several = span ? span.to > span.from : view.scope !== null && isConversation(reading);
  return (
    <>
      <div className={stale ? 'stale' : ''}>
        <div className="list-head">
          <p className="caption figures" data-testid="cut">
            {pinned > 0 && `${pinned} pinned, then `}
            {rows.length - pinned} of the {one && cut ? cut.active : ranking.active} <Term id="feature">features</Term>{' '}
            active {place}
            {cutSays(cut, one)}
          </p>
          <span className="list-choices">
            <ScopeSelect reading={reading} />
            {several && (
              <Choice
                name="over"
                label="Of these tokens"
                options={OVER}
                value={view.over}
                onChange={(next) => bench.view.set({ over: next })}
              />
            )}
            <Choice
              name="rank"
              label="Rank by"
              options={RANKS}
              value={view.rank}
              onChange={(next) => bench.view.set({ rank: next })}
            />
          </span>
        </div>
        <Matrix reading={reading} site={site} codes={codes} rows={rows} pinned={pinned} />
      </div>
      <p className="caption">
        Cells: 0 to {own ? 'each feature’s own maximum' : 'each row’s largest in this text'}, log scale.{' '}
        <DictionaryLine site={site} />
      </p>
      <div className="caption list-foot">
        {site.density && <DenseSwitch over={denseSays([site])} hidden={ranking.dense} />}
        <DictionaryButton site={site} />
        <TableExport
          of="the listed features"
          testId="save-features"
          table={() => rankingTable(site.layer, ranking, (id) => nameOf(bench, site.layer, id))}
        />
      </div>
    </>
  );
}
