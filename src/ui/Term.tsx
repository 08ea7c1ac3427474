import { lazy, type ReactNode, Suspense } from 'react';
import { TERMS, type TermId } from './terms';
import { usePopover } from './use-popover';
import './term.css';

/** Loaded with the glossary, when the first meaning is asked for. */
const TermSays = lazy(() => import('./TermSays'));

const SIZE = { width: 300, height: 120 };

/** A term of the page; a press says in a sentence what it means. It is no tab stop, since dozens of them would stand
 *  between the controls: by keyboard, all terms are read in the sheet of keys. */
export function Term({ id, children }: { id: TermId; children?: ReactNode }) {
  const { open, button, box } = usePopover(SIZE);
  return (
    <>
      <button type="button" className="term" tabIndex={-1} {...button}>
        {children ?? TERMS[id]}
      </button>
      <span {...box} className="popover term-says" role="note" data-testid="term">
        {open && (
          <Suspense fallback={null}>
            <TermSays id={id} />
          </Suspense>
        )}
      </span>
    </>
  );
}
