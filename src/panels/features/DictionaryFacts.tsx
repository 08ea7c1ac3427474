import { useStore } from 'zustand';
import type { SiteInfo } from '../../lens/api/site';
import { seenChoices, withDictionary } from '../../state/model/choices';
import { openRequest } from '../models/actions';
import { ChooseDictionary } from '../models/ChooseDictionary';
import { useBench } from '../use-workbench';
import { dictionaryFacts } from './dictionary-facts';

/** What the open dictionary of a layer is, and those of its source that could be open in its place. */
export default function DictionaryFacts({ site }: { site: SiteInfo }) {
  const bench = useBench();
  const request = useStore(bench.engine.store, (s) => s.request);
  const choices = request?.folders ? seenChoices(request) : [];
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
      {request && choices.length > 1 && (
        <ChooseDictionary
          layer={site.layer}
          choices={choices}
          open={site.about.folder}
          onChoose={(choice) => openRequest(bench, withDictionary(request, choice))}
        />
      )}
    </>
  );
}
