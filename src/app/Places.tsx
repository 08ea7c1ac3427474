import { type ReactNode, Suspense, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Notices } from '../panels/status/Notices';
import { useBench, useView } from '../panels/use-workbench';
import { SHEET } from '../state/base/view';
import type { NoticeSource } from '../state/page/notices';
import { PlaceHeading } from '../ui/Place';
import { ErrorBoundary } from './ErrorBoundary';
import { PLACES } from './places';

/** What is said in every place: it is of the tab, or answers what was dropped there. The rest is of the sheet. */
const EVERYWHERE: readonly NoticeSource[] = ['tab', 'folder', 'file'];

/** The names of the places, that on show marked. */
export function PlaceNav() {
  const bench = useBench();
  const shown = useView((s) => s.place);
  const go = (id: string) => {
    if (id !== shown) bench.go(id);
  };
  return (
    <nav className="places-nav" aria-label="Places">
      {[{ id: SHEET, name: 'Sheet', key: 'Esc' }, ...PLACES].map(({ id, name, key }) => (
        <button
          key={id}
          type="button"
          className="place-name"
          data-testid={`open-${id}`}
          aria-current={id === shown ? 'page' : undefined}
          title={`Key: ${key}`}
          onClick={() => go(id)}
        >
          {name}
        </button>
      ))}
    </nav>
  );
}

/** How a place was left: where its page was scrolled to, and what had the focus. */
interface Left {
  scroll: number;
  focus: Element | null;
}

/** The sheet and the places beside it, one of them on show. A place that was shown stays as it is while another is: it
 *  is hidden and not drawn, so that what streams goes on, and nothing is measured anew. */
export function Places({ sheet }: { sheet: ReactNode }) {
  const shown = useView((s) => s.place);
  const [visited, setVisited] = useState<readonly string[]>([]);
  if (!visited.includes(shown)) setVisited([...visited, shown]);
  const headingOf = useTravel(shown);
  return (
    <div className="places">
      <Frame shown={shown === SHEET}>{sheet}</Frame>
      {PLACES.filter(({ id }) => id === shown || visited.includes(id)).map(({ id, name, Component }) => (
        <Frame key={id} shown={id === shown}>
          {id === shown && <Notices of={EVERYWHERE} testId="place-notices" />}
          <ErrorBoundary region={name}>
            <PlaceHeading value={headingOf(id)}>
              <Suspense fallback={null}>
                <Component />
              </Suspense>
            </PlaceHeading>
          </ErrorBoundary>
        </Frame>
      ))}
    </div>
  );
}

const Frame = ({ shown, children }: { shown: boolean; children: ReactNode }) => (
  <div className={shown ? 'place' : 'place place-away'} inert={!shown}>
    {children}
  </div>
);

/** Moves scroll and focus along: scroll to where it was. Focus on the sheet goes to where it was, and in a place beside it
 *  to the heading, which may come later. Gives what hears of a place's heading. */
function useTravel(shown: string) {
  const bench = useBench();
  const left = useRef(new Map<string, Left>());
  const headings = useRef(new Map<string, HTMLHeadingElement>());
  /** The place whose heading is waited for. */
  const awaited = useRef<string | null>(null);
  // Heard before anything is drawn of the other place.
  useEffect(
    () =>
      bench.view.store.subscribe((now, before) => {
        if (now.place !== before.place)
          left.current.set(before.place, { scroll: window.scrollY, focus: document.activeElement });
      }),
    [bench],
  );
  const first = useRef(true);
  useLayoutEffect(() => {
    // The page opens where it is, and takes no focus.
    if (first.current) {
      first.current = false;
      return;
    }
    const before = left.current.get(shown);
    window.scrollTo(0, before?.scroll ?? 0);
    const target = shown === SHEET ? before?.focus : headings.current.get(shown);
    awaited.current = target || shown === SHEET ? null : shown;
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
  }, [shown]);
  const hearing = useRef(new Map<string, (heading: HTMLHeadingElement | null) => void>());
  return useCallback((id: string) => {
    const known = hearing.current.get(id);
    if (known) return known;
    const hear = (heading: HTMLHeadingElement | null) => {
      if (heading) headings.current.set(id, heading);
      else headings.current.delete(id);
      if (!heading || awaited.current !== id) return;
      awaited.current = null;
      heading.focus({ preventScroll: true });
    };
    hearing.current.set(id, hear);
    return hear;
  }, []);
}
