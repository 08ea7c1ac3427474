import { lazy, Suspense } from 'react';
import type { SiteInfo } from '../../lens/api/site';
import { figure } from '../../lens/maths/figures';
import { Term } from '../../ui/Term';
import { usePopover } from '../../ui/use-popover';

/** Loaded when they are first asked for. */
const DictionaryFacts = lazy(() => import('./DictionaryFacts'));

const SIZE = { width: 480, height: 320 };

/** What kind of dictionary the layer's is, and how many of its features are active on a token; the rest unfolds. */
export function DictionaryLine({ site }: { site: SiteInfo }) {
  const { k, activation, about } = site;
  const { open, button, box } = usePopover(SIZE);
  return (
    <>
      <Term id="dictionary">Dictionary</Term>:{' '}
      {activation === 'topk' ? (
        <>
          <Term id="topk" />, k {k}
        </>
      ) : (
        <>
          <Term id="threshold" />
          {about.l0 !== null && (
            <>
              , mean <Term id="l0" /> {figure(about.l0)}
            </>
          )}
        </>
      )}
      .{' '}
      <button type="button" className="bare" data-testid="dictionary-facts" {...button}>
        What it is
      </button>
      <section {...box} className="popover dictionary-facts" aria-label={`Dictionary of layer ${site.layer}`}>
        {open && (
          <Suspense fallback={null}>
            <DictionaryFacts site={site} />
          </Suspense>
        )}
      </section>
    </>
  );
}
