import { useEffect } from 'react';
import { BenchContext, useBench, usePart, useView } from '../panels/bench';
import { Features } from '../panels/features/Features';
import { Opening } from '../panels/status/Opening';
import { ParityReport } from '../panels/status/ParityReport';
import { Status } from '../panels/status/Status';
import { Steering } from '../panels/steering/Steering';
import { TextBand } from '../panels/tokens/TextBand';
import { Words } from '../panels/words/Words';
import type { Workbench } from '../state/workbench';
import { ErrorBoundary } from './ErrorBoundary';
import { useTheme } from './theme';
import { useMedia } from './use-media';

const TABS = [
  { value: 'features', label: 'Features' },
  { value: 'steer', label: 'Steer' },
  { value: 'words', label: 'Words' },
] as const;

export function App({ bench }: { bench: Workbench }) {
  const [theme, toggleTheme] = useTheme();
  useEffect(() => {
    const unlock = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      bench.view.unlock();
      bench.view.hover(null);
    };
    document.addEventListener('keydown', unlock);
    return () => document.removeEventListener('keydown', unlock);
  }, [bench]);
  return (
    <BenchContext value={bench}>
      <Status theme={theme} onTheme={toggleTheme} />
      <Notices />
      <ParityReport />
      <ErrorBoundary region="Text">
        <TextBand />
      </ErrorBoundary>
      <Opening />
      <Regions />
    </BenchContext>
  );
}

/** What the reader should know about this machine: fallbacks taken, and why. */
function Notices() {
  const bench = useBench();
  const notices = usePart(bench.engine.store, (s) => s.info?.notices);
  if (!notices?.length) return null;
  return (
    <aside className="notices" aria-label="Notices" data-testid="notices">
      {notices.map((notice) => (
        <p key={notice}>{notice}</p>
      ))}
    </aside>
  );
}

/** The three regions; where not all fit, one of them behind its name. Absent until there is something to show in them. */
function Regions() {
  const bench = useBench();
  const there = usePart(bench.engine.store, (s) => s.info !== null);
  const narrow = useMedia('(max-width: 719px)');
  // Where two regions fit, Features is always one of them.
  const tab = useView((s) => (s.tab === 'features' && !narrow ? 'steer' : s.tab));
  if (!there) return null;
  return (
    <>
      <nav className="tabs" aria-label="Regions">
        {TABS.map(({ value, label }) => (
          <button key={value} type="button" className={`tab tab-${value}`} aria-pressed={tab === value} onClick={() => bench.view.set({ tab: value })}>
            {label}
          </button>
        ))}
      </nav>
      <main className="regions" data-tab={tab}>
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
