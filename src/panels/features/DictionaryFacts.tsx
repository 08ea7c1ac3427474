import type { SiteInfo } from '../../lens/api/site';
import { dictionaryFacts } from './dictionary-facts';

/** What the open dictionary of a layer is. */
export default function DictionaryFacts({ site }: { site: SiteInfo }) {
  return (
    <>
      <h4>Dictionary of layer {site.layer}</h4>
      <dl className="figures">
        {dictionaryFacts(site).map(([name, is]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className={name === 'folder' || name === 'trained as' ? 'mono' : undefined}>{is}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
