import type { ReactNode } from 'react';
import { GLOSSARY, type TermId } from './glossary';
import { usePopover } from './use-popover';
import './term.css';

const SIZE = { width: 300, height: 120 };

/** A term of the page; a press says in a sentence what it means. It is no tab stop, since dozens of them would stand
 *  between the controls: by keyboard, all terms are read in the sheet of keys. */
export function Term({ id, children }: { id: TermId; children?: ReactNode }) {
  const { open, button, box } = usePopover(SIZE);
  const { term, says, source } = GLOSSARY[id];
  return (
    <>
      <button type="button" className="term" tabIndex={-1} {...button}>
        {children ?? term}
      </button>
      <span {...box} className="popover term-says" role="note" data-testid="term">
        {open && (
          <>
            <b>{term}</b> {says} <Source {...source} />
          </>
        )}
      </span>
    </>
  );
}

/** All terms. */
export function Glossary() {
  return (
    <section className="glossary" data-testid="glossary">
      <h3>Terms</h3>
      <dl>
        {Object.entries(GLOSSARY).map(([id, { term, says, source }]) => (
          <div key={id}>
            <dt>{term}</dt>
            <dd>
              {says} <Source {...source} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Source({ name, href }: { name: string; href: string }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {name}
    </a>
  );
}
