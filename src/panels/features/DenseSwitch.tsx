import type { SiteInfo } from '../../lens/types';
import { denseFrom } from '../../state/select';
import { percent } from '../../ui/format';
import { useBench, useView } from '../bench';

/** Whether features that fire almost everywhere are listed too; `hidden`: how many of those that would be listed are not. */
export function DenseSwitch({ site, hidden }: { site: SiteInfo; hidden: number }) {
  const bench = useBench();
  const dense = useView((s) => s.dense);
  return (
    <label className="switch" title="A feature that is active almost everywhere says little about a token.">
      <input type="checkbox" checked={dense} onChange={(event) => bench.view.set({ dense: event.target.checked })} />
      Dense too, over {percent(denseFrom(site))} of tokens
      {!dense && hidden > 0 && <span className="figures"> ({hidden} hidden)</span>}
    </label>
  );
}
