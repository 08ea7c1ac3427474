import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { count, listed } from '../../lens/maths/figures';
import { extraOf } from '../../state/search/extra';
import { type Hit, search } from '../../state/search/search';
import { composes } from '../../ui/composing';
import { Failure } from '../../ui/Failure';
import { focusTarget } from '../../ui/focus-targets';
import { SearchBox } from '../../ui/SearchBox';
import { Sheet } from '../../ui/Sheet';
import { TableExport } from '../../ui/TableExport';
import { DenseSwitch } from '../features/DenseSwitch';
import { denseSays } from '../features/facts';
import { hitTable } from '../tables';
import { useBench, useView } from '../use-workbench';
import { HitRow } from './HitRow';
import { bareSays, foundSays, scopeSays } from './search-words';
import './search.css';

/** How many features are listed, and how many more at a time. */
const MANY = 50;
/** What PageUp and PageDown go by. */
const PAGE = 8;
/** The line stands as it was when the sheet is opened again: the next of several results is two keys away. */
let kept = '';

/** Search over all sites at once, by label, promoted token or id. */
export default function SearchSheet() {
  const bench = useBench();
  return (
    <Sheet title="Search features" testId="search" onClose={() => bench.view.set({ sheet: null })}>
      <Search />
    </Sheet>
  );
}

function Search() {
  const bench = useBench();
  const [typed, setTyped] = useState(kept);
  const [chosen, setChosen] = useState(0);
  const [top, setTop] = useState(MANY);
  const { sites, found } = useFound(typed, top);
  const here = useView((s) => s.site);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  if (!sites.length) return <p className="empty">No model is open. Features can be searched once one is.</p>;
  const { hits } = found;
  const at = Math.min(chosen, hits.length - 1);
  const type = (text: string) => {
    kept = text;
    setTyped(text);
    setChosen(0);
    setTop(MANY);
    list.current?.scrollTo(0, 0);
  };
  const choose = ({ layer, id }: Hit, steer: boolean) => {
    bench.showFeature(layer, id);
    if (!steer) return;
    const key = bench.steer(layer, id);
    bench.view.set({ tab: 'steer' });
    if (key !== null) focusTarget(`slider-${key}`);
  };
  const move = (to: number) => {
    const next = Math.max(0, Math.min(hits.length - 1, to));
    setChosen(next);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While characters are being composed, keys belong to that.
    if (composes(event.nativeEvent) || !hits.length) return;
    const moved = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE }[event.key];
    if (moved) move(at + moved);
    else if (event.key === 'Enter') choose(hits[at]!, event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  };
  return (
    <div className="search">
      <SearchBox
        label="Search features by label, promoted token or id"
        placeholder="Han characters, 的, king, 2:17"
        testId="search-box"
        list={listId}
        active={hits.length ? `${listId}-${at}` : undefined}
        value={typed}
        onType={type}
        onKeyDown={onKeyDown}
      />
      <p className="caption">{scopeSays(sites)}</p>
      <Missing />
      <div className="search-head">
        <p className="caption figures" role="status" data-testid="search-count">
          {foundSays(found, sites, here)}
        </p>
        {found.total > hits.length && (
          <button type="button" className="bare" data-testid="search-more" onClick={() => setTop(top + MANY)}>
            Show {count(Math.min(MANY, found.total - hits.length))} more
          </button>
        )}
        <DenseSwitch over={denseSays(sites.map(({ site }) => site))} hidden={found.hidden} />
      </div>
      <div className="hit hit-heads caption" aria-hidden="true">
        <span>feature</span>
        <span>label</span>
        <span>promotes</span>
        <span className="figures">active</span>
        <span className="figures">precision</span>
      </div>
      <div ref={list} id={listId} className="hits" role="listbox" aria-label="Features found">
        {hits.map((hit, i) => (
          <HitRow key={`${hit.layer}:${hit.id}`} id={`${listId}-${i}`} hit={hit} chosen={i === at} onChoose={choose} />
        ))}
      </div>
      <p className="caption search-foot">
        <span>
          ↑ ↓ choose, Enter opens, Ctrl-Enter steers. Active: share of held-out tokens. Precision: of the label, there.
        </span>
        {hits.length > 0 && <TableExport of="the features found" testId="save-search" table={() => hitTable(hits)} />}
      </p>
    </div>
  );
}

/** The sites as far as their labels are here, and what answers the line. */
function useFound(typed: string, top: number) {
  const bench = useBench();
  const info = useStore(bench.engine.store, (s) => s.info);
  const labels = useStore(bench.labels.store, (s) => s.sites);
  const entries = useStore(bench.notebook.store, (s) => s.entries);
  const here = useView((s) => s.site);
  const dense = useView((s) => s.dense);
  useEffect(() => {
    for (const { layer } of info?.sites ?? []) void bench.labels.need(layer);
  }, [bench, info]);
  const sites = useMemo(
    () => info?.sites.map((site) => ({ site, labels: labels[site.layer] ?? null })) ?? [],
    [info, labels],
  );
  const extra = useMemo(() => (info ? extraOf(info, entries.values()) : []), [info, entries]);
  const found = useMemo(
    () => search(sites, typed, { here, dense, extra, top }),
    [sites, typed, here, dense, extra, top],
  );
  return { sites, found };
}

/** What is not searched, and why. */
function Missing() {
  const bench = useBench();
  const info = useStore(bench.engine.store, (s) => s.info);
  const { sites, failed } = useStore(bench.labels.store, (s) => s);
  const layers = (which: (layer: number, told: boolean) => boolean) =>
    (info?.sites ?? []).filter((site) => which(site.layer, site.features !== null)).map((site) => site.layer);
  const bare = layers((layer, told) => !told && !sites[layer]);
  const coming = layers((layer, told) => told && !sites[layer] && !failed[layer]);
  return (
    <>
      {bare.length > 0 && (
        <p className="caption">
          No feature data beside the {bareSays(bare)}: there, features are found by id alone. A file of labels can be
          imported on a feature’s card.
        </p>
      )}
      {coming.length > 0 && <p className="caption">Reading the labels of layer {listed(coming)}.</p>}
      {Object.entries(failed).map(([layer, error]) => (
        <Failure key={layer} error={error} />
      ))}
    </>
  );
}
