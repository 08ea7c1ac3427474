import type { SiteInfo } from '../lens/api/site';
import { errorName } from '../state/reading/error-name';
import { Term } from '../ui/Term';

/** The name of the error that this layer's dictionary leaves, explained. */
export function ErrorTerm({ site }: { site: SiteInfo }) {
  const { short } = errorName(site);
  return site.center === 'mean' ? <Term id="fvu">{short}</Term> : <Term id="distance">{short}</Term>;
}
