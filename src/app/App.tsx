import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { counted } from '../lens/maths/figures';
import { Features } from '../panels/features/Features';
import { Opening, Recovered } from '../panels/status/Opening';
import { Status } from '../panels/status/Status';
import { Steering } from '../panels/steering/Steering';
import { TextBand } from '../panels/tokens/TextBand';
import { BenchContext, useBench, useView } from '../panels/use-workbench';
import { Words } from '../panels/words/Words';
import type { ViewState } from '../state/base/view';
import { askedOfSheet } from '../state/page/link';
import type { Workbench } from '../state/page/workbench';
import { whenIdle } from '../ui/idle';
import { useMedia } from '../ui/use-media';
import { ErrorBoundary } from './ErrorBoundary';
import { FirstLook } from './FirstLook';
import { LOOKS, lookTaken, rememberLook } from './first-look';
import { useKeys } from './keys';
import { OtherTabs } from './OtherTabs';
import { PlaceNav, Places } from './Places';
import { RECORDED_LINK } from './recorded-link';
import { useTheme } from './theme';

/** Loaded when they are first opened: most readers never do. */
const ModelsSheet = lazy(() => import('../panels/models/ModelsSheet'));
const KeySheet = lazy(() => import('./KeySheet'));
const loadSearch = () => import('../panels/search/SearchSheet');
const SearchSheet = lazy(loadSearch);
const ParityReport = lazy(() => import('../panels/status/ParityReport'));

const TABS = [
  { value: 'features', label: 'Features' },
  { value: 'steer', label: 'Steer' },
  { value: 'words', label: 'Words' },
] as const;

export function App({ bench }: { bench: Workbench }) {
  const [theme, toggleTheme] = useTheme();
  const [look, setLook] = useState(() => (lookTaken() || !beginsAnew() ? null : 0));
  const step = (next: number | null) => {
    if (next === null) rememberLook();
    setLook(next);
  };
  useKeys(bench);
  return (
    <BenchContext value={bench}>
      <Status theme={theme} onTheme={toggleTheme} places={<PlaceNav />} />
      <OtherTabs />
      <Places
        sheet={
          <>
            <FirstLook step={look} onStep={step} />
            <Recovered />
            <Notices />
            <ErrorBoundary region="Text">
              <TextBand />
            </ErrorBoundary>
            <Opening />
            <Regions looked={look === null ? null : (LOOKS[look]?.tab ?? null)} />
          </>
        }
      />
      <ErrorBoundary region="Models">
        <Models />
      </ErrorBoundary>
      <ErrorBoundary region="Search">
        <Search />
      </ErrorBoundary>
      <ErrorBoundary region="Parity">
        <Parity />
      </ErrorBoundary>
      <ErrorBoundary region="Keys">
        <Keys onFirstLook={() => step(0)} />
      </ErrorBoundary>
    </BenchContext>
  );
}

/** Nothing was asked for: neither a view nor another model. */
function beginsAnew(): boolean {
  const asked = askedOfSheet(location.hash);
  const query = new URLSearchParams(location.search);
  return (asked === '' || asked === RECORDED_LINK) && !query.has('model') && !query.has('hub');
}

function Models() {
  const open = useView((s) => s.sheet === 'models');
  return open ? (
    <Suspense fallback={null}>
      <ModelsSheet />
    </Suspense>
  ) : null;
}

/** Fetched before it is asked for, once a model is open: what is typed right behind `/` must find its line. */
function Search() {
  const open = useView((s) => s.sheet === 'search');
  const live = useStore(useBench().engine.store, (s) => s.lens !== null);
  useEffect(() => (live ? whenIdle(() => void loadSearch().catch(() => {})) : undefined), [live]);
  return open ? (
    <Suspense fallback={null}>
      <SearchSheet />
    </Suspense>
  ) : null;
}

function Keys({ onFirstLook }: { onFirstLook: () => void }) {
  const open = useView((s) => s.sheet === 'keys');
  return open ? (
    <Suspense fallback={null}>
      <KeySheet onFirstLook={onFirstLook} />
    </Suspense>
  ) : null;
}

function Parity() {
  const there = useStore(useBench().parity.store, (s) => s.status !== 'hidden');
  return there ? (
    <Suspense fallback={null}>
      <ParityReport />
    </Suspense>
  ) : null;
}

/** Notices that stand open; the others are folded under them. */
const OPEN_NOTICES = 2;

/** What the reader should know about this machine and this model: fallbacks taken, what was left out, and why. */
function Notices() {
  const bench = useBench();
  const notices = useStore(bench.engine.store, (s) => s.info?.notices);
  if (!notices?.length) return null;
  const more = notices.slice(OPEN_NOTICES);
  return (
    <aside className="notices" aria-label="Notices" data-testid="notices">
      {notices.slice(0, OPEN_NOTICES).map((notice) => (
        <p key={notice}>{notice}</p>
      ))}
      {more.length > 0 && (
        <details>
          <summary>{counted(more.length, 'more notice')}</summary>
          {more.map((notice) => (
            <p key={notice}>{notice}</p>
          ))}
        </details>
      )}
    </aside>
  );
}

/** The three regions; where not all fit, one of them behind its name. Absent until there is something to show in
 *  them. */
function Regions({ looked }: { looked: ViewState['tab'] | null }) {
  const bench = useBench();
  const there = useStore(bench.engine.store, (s) => s.info !== null);
  const narrow = useMedia('(max-width: 719px)');
  // Where two regions fit, Features is always one of them.
  const tab = useView((s) => (s.tab === 'features' && !narrow ? 'steer' : s.tab));
  const tabs = useRef<HTMLElement>(null);
  if (!there) return null;
  const show = (value: ViewState['tab']) => {
    bench.view.set({ tab: value });
    // The region comes to where the tabs are: they stay under the finger, above it only the text.
    if (narrow) tabs.current?.scrollIntoView({ block: 'start' });
  };
  return (
    <>
      <nav ref={tabs} className="tabs" aria-label="Regions">
        {TABS.map(({ value, label }) => (
          <button
            key={value}
            type="button"
            className={`tab tab-${value}`}
            aria-pressed={tab === value}
            onClick={() => show(value)}
          >
            {label}
          </button>
        ))}
      </nav>
      <main className="regions" data-tab={tab} data-look={looked}>
        <ErrorBoundary region="Features">
          <Features />
        </ErrorBoundary>
        <ErrorBoundary region="Steering">
          <Steering />
        </ErrorBoundary>
        <ErrorBoundary region="Words">
          <Words />
        </ErrorBoundary>
      </main>
    </>
  );
}
