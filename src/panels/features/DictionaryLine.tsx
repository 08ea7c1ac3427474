import { lazy, Suspense } from 'react';
import type { SiteInfo } from '../../lens/api/site';
import { figure } from '../../lens/maths/figures';
import { Term } from '../../ui/Term';
import { usePopover } from '../../ui/use-popover';
import { fvuSays } from './dictionary-facts';

/** Loaded when they are first asked for. */
const DictionaryFacts = lazy(() => import('./DictionaryFacts'));

const SIZE = { width: 480, height: 320 };

/** What kind of dictionary the layer's is, and how many of its features are active on a token. */
export function DictionaryLine({ site: { k, activation, about, fvu } }: { site: SiteInfo }) {
  return (
    <>
      <Term id="dictionary">Dictionary</Term>:{' '}
      {activation === 'topk' ? (
        <>
          <Term id="topk" />, k {k}
        </>
      ) : (
        <Term id="threshold" />
      )}
      {activation !== 'topk' && about.l0 !== null && (
        <>
          , mean <Term id="l0" /> {figure(about.l0)}
        </>
      )}
      .
      {fvu?.far && (
        <span className="failed" data-testid="fvu-far">
          {' '}
          Perhaps of another model or layer: <Term id="fvu">FVU</Term> {fvuSays(fvu)}.
        </span>
      )}
    </>
  );
}

/** Unfolds what else is known of the dictionary, and those that could be open in its place. */
export function DictionaryButton({ site }: { site: SiteInfo }) {
  const { open, button, box } = usePopover(SIZE);
  return (
    <>
      <button
        type="button"
        className="bare"
        data-testid="dictionary-facts"
        aria-label={`About the dictionary of layer ${site.layer}`}
        {...button}
      >
        Dictionary
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
