import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { folderName } from '../../lens/exchange/model-name';
import { bytesOf, bytesSay, count, fixed } from '../../lens/maths/figures';
import { storeAll } from '../../offline/register';
import { stopStoring } from '../../offline/rest';
import { offline, offlineSentence } from '../../offline/state';
import { requestName, toQuery } from '../../state/model/model-url';
import { currentLink, linkPacking, writtenLink } from '../../state/page/link';
import { CopyButton } from '../../ui/CopyButton';
import { useFocusWhereLost } from '../../ui/use-focus-where-lost';
import { backToMini } from '../models/actions';
import { factsSay } from '../models/model-words';
import { useBench } from '../use-workbench';
import { JobLine } from './JobLine';
import './status.css';

const SHEETS = [
  { sheet: 'search', label: 'Search', key: '/' },
  { sheet: 'keys', label: 'Keys', key: '?' },
] as const;

/** One line: where the reader is, what runs, on what, how fast, and what the page is busy with. */
export function Status({
  theme,
  onTheme,
  places,
}: {
  theme: 'light' | 'dark';
  onTheme: () => void;
  /** The way to other places. */
  places: ReactNode;
}) {
  const bench = useBench();
  const info = useStore(bench.engine.store, (s) => s.info);
  const phase = useStore(bench.engine.store, (s) => s.phase);
  const live = useStore(bench.engine.store, (s) => s.lens !== null);
  const recorded = useStore(bench.tracer.store, (s) => s.recorded !== null && s.recorded === s.reading);
  const speed = useStore(bench.engine.store, (s) => s.speed);
  const checking = useStore(bench.parity.store, (s) => s.status === 'running');
  return (
    <header className="status">
      <h1>Lenslet</h1>
      {places}
      <ModelButton />
      {/* A recording was made by another machine's engine. */}
      {info && (live || !recorded) && (
        <>
          <span data-testid="status-provider" title={info.adapter}>
            {info.provider === 'webgpu' ? 'WebGPU' : 'wasm'}
          </span>
          <span className="status-adapter" title={info.adapter}>
            {info.adapter}
            {info.software && ' (software)'}
          </span>
          <span className="status-format" title={factsSay(info)}>
            {info.format === 'f32' ? info.dtype : `${info.format}, ${info.dtype}`}
          </span>
        </>
      )}
      <span
        className="figures status-speed"
        title={speed ? `Median of the last run, ${speed.rows} texts at once` : undefined}
      >
        {speed ? `${fixed(speed.perSecond, speed.perSecond < 10 ? 1 : 0)} tokens/s` : ''}
      </span>
      {/* Another node once the facts stand before it: a sentence that goes on would count as moved. */}
      <span key={`${live}`} className="status-space">
        <JobLine />
      </span>
      <Offline />
      <button
        type="button"
        className="status-parity"
        title="Runs the reference texts here and compares every position with PyTorch’s numbers"
        disabled={phase !== 'ready' || checking}
        onClick={() => void bench.parity.check()}
      >
        {checking ? 'Checking parity' : 'Check parity'}
      </button>
      {SHEETS.map(({ sheet, label, key }) => (
        <button
          key={sheet}
          type="button"
          data-testid={`open-${sheet}`}
          disabled={sheet === 'search' && !info}
          title={`Key: ${key}`}
          onClick={() => bench.view.set({ sheet })}
        >
          {label}
        </button>
      ))}
      <CopyLink />
      <button type="button" onClick={onTheme} title={`The theme is ${theme}.`}>
        {theme === 'dark' ? 'Light' : 'Dark'}
      </button>
    </header>
  );
}

/** What of the page works without a network, and the way to have the rest. */
function Offline() {
  const state = useStore(offline, (s) => s);
  const { offline: kept, newer, left, storing } = state;
  const says = offlineSentence(state, bytesSay, bytesOf);
  const place = useFocusWhereLost(storing ? 1 : 0);
  const rest = kept === 'ready' && !newer && left !== null && left > 0;
  return (
    // Another node once the worker has said what there is: one that grows to the left counts as moved.
    <span key={`${kept} ${newer} ${left === null}`} className="status-kept" tabIndex={-1} ref={place}>
      <span
        key={storing ? 'storing' : says}
        className={`caption figures ${storing ? 'status-storing' : rest ? 'status-long' : ''}`}
        data-testid="offline"
        data-state={kept}
        title={newer ? 'It opens when every tab of this page is closed' : says}
      >
        {says}
      </span>
      {rest && !storing && (
        <span className="caption figures status-short" aria-hidden="true">
          Offline but for {bytesSay(left)}
        </span>
      )}
      {rest && (
        <button type="button" data-testid="store-rest" onClick={() => (storing ? stopStoring() : void storeAll())}>
          {storing ? 'Cancel' : 'Store it too'}
        </button>
      )}
    </span>
  );
}

/** The model's name, which is the way to others; beside another one the way back to that of the page. */
function ModelButton() {
  const bench = useBench();
  const info = useStore(bench.engine.store, (s) => s.info);
  const phase = useStore(bench.engine.store, (s) => s.phase);
  const request = useStore(bench.engine.store, (s) => s.request);
  const name = info ? folderName(info.model) : phase === 'loading' && request ? requestName(request) : 'no model';
  const other = request !== null && requestName(request) !== 'lenslet-mini';
  const title = info
    ? `${info.model}. Its context here: ${count(info.contextLength)} tokens. Key: m`
    : 'Choose a model. Key: m';
  return (
    <>
      <button
        type="button"
        className="status-model"
        data-testid="open-models"
        title={title}
        onClick={() => bench.view.set({ sheet: 'models' })}
      >
        {name}
      </button>
      {other && (
        <button
          type="button"
          className="status-back"
          data-testid="back-to-mini"
          title="Open lenslet-mini, the model that comes with the page"
          onClick={() => backToMini(bench)}
        >
          lenslet-mini
        </button>
      )}
    </>
  );
}

function CopyLink() {
  const bench = useBench();
  const link = () => {
    const packed = linkPacking(bench);
    return packed ? packed.then(address) : address();
  };
  const address = () => {
    const url = new URL(location.href);
    url.hash = currentLink(bench);
    history.replaceState(history.state, '', url);
    // A folder of this computer is in no link, and its site, feature and edits would be others in the model beside the
    // page: the text alone goes.
    const { request } = bench.engine.store.getState();
    if (request && toQuery(request, document.baseURI) === null) url.hash = writtenLink(bench);
    return url.href;
  };
  return <CopyButton testId="copy-link" label="Copy link" closed="Copy from the address bar" text={link} />;
}
