import { useStore } from 'zustand';
import { endpointOf } from '../../lens/api/identity';
import type { KeptEntry } from '../../lens/api/model';
import { bytesOf, bytesSay } from '../../lens/maths/figures';
import type { Machine } from '../../state/model/capability';
import { knownModel, placeOf } from '../../state/model/catalogue';
import { requestOfEntry, storedLayers, storedRequest } from '../../state/model/models';
import { Failure } from '../../ui/Failure';
import { useFocusWhereLost } from '../../ui/use-focus-where-lost';
import { useBench } from '../use-workbench';
import { openRequest } from './actions';
import { entryName, originSays, originTitle, stateSays } from './model-words';

/** What large models have left in this browser, with what can be done about it. */
export function Stored({ machine }: { machine: Machine | null }) {
  const bench = useBench();
  const { kept, usage, error } = useStore(bench.models.store, (s) => s);
  const place = useFocusWhereLost(kept?.length ?? 0);
  return (
    <section className="kept" aria-label="Kept in this browser" data-testid="kept-models" tabIndex={-1} ref={place}>
      <h3>Kept in this browser</h3>
      {kept === null && <p className="caption">Reading what is kept.</p>}
      {kept?.length === 0 && !error && (
        <p className="caption">
          No large model yet. What is downloaded stays here until it is deleted, and opens without a network.
        </p>
      )}
      {kept && kept.length > 0 && (
        <ul className="kept-list">
          {kept.map((entry) => (
            <Entry key={entry.key} entry={entry} all={kept} />
          ))}
        </ul>
      )}
      {error && <Failure error={error} />}
      <p className="caption figures kept-usage" data-testid="usage">
        {usage && (
          <span>
            This page uses {bytesSay(usage.used)} of the {bytesSay(usage.quota)} that the browser gives it.{' '}
            {usage.persisted
              ? 'The browser has promised not to clear it by itself.'
              : 'When the disk is full the browser may clear it.'}
          </span>
        )}
        {usage && !usage.persisted && machine?.store && (
          <button type="button" onClick={() => void bench.models.persist()}>
            Ask the browser not to clear it
          </button>
        )}
      </p>
    </section>
  );
}

const opened = (entry: KeptEntry): string =>
  entry.opened > 0 ? `opened ${new Date(entry.opened).toISOString().slice(0, 10)}` : 'not opened yet';

function Entry({ entry, all }: { entry: KeptEntry; all: readonly KeptEntry[] }) {
  const bench = useBench();
  const verifying = useStore(bench.models.store, (s) => (s.verifying?.key === entry.key ? s.verifying.progress : null));
  const found = useStore(bench.models.store, (s) => s.verified[entry.key]);
  const deleting = useStore(bench.models.store, (s) => s.deleting === entry.key);
  const name = `${entryName(entry)} ${entry.detail}`;
  return (
    <li data-testid="kept-entry" data-complete={entry.complete}>
      <span className="kept-name" title={originTitle(entry.origin)}>
        {originSays(entry.origin)}
      </span>
      <span>{entry.kind === 'model' ? entry.detail : entry.detail.replace('layer', 'layer ')}</span>
      <span className="figures">{bytesSay(entry.bytes)}</span>
      <span className={entry.complete ? 'caption' : 'caption kept-partial'}>
        {stateSays(entry)}, {opened(entry)}
      </span>
      <span className="actions">
        {entry.kind === 'model' && (
          <button type="button" aria-label={`Open ${name}`} onClick={() => openStored(bench, entry, all)}>
            {entry.complete ? 'Open' : 'Go on'}
          </button>
        )}
        {verifying ? (
          <button type="button" aria-label={`Stop verifying ${name}`} onClick={() => bench.models.stopVerifying()}>
            Stop
          </button>
        ) : (
          <button type="button" aria-label={`Verify ${name}`} onClick={() => void bench.models.verify(entry.key)}>
            Verify
          </button>
        )}
        <button
          type="button"
          aria-label={`Delete ${name}`}
          className={deleting ? 'failed' : ''}
          onClick={() => void bench.models.remove(entry.key)}
        >
          {deleting ? `Delete ${bytesSay(entry.bytes)}?` : 'Delete'}
        </button>
        {deleting && (
          <button type="button" onClick={() => bench.models.keepIt()}>
            Keep
          </button>
        )}
      </span>
      <span className="caption figures kept-found" role="status">
        {verifying ? `Reading ${bytesOf(verifying.loaded, verifying.total)}` : foundSays(found)}
      </span>
    </li>
  );
}

function foundSays(damaged: number | undefined): string {
  if (damaged === undefined) return '';
  if (damaged === 0) return 'Every part is as it was written.';
  return `${damaged} damaged ${damaged === 1 ? 'part' : 'parts'}, removed: fetched again when it is opened.`;
}

/** Opens a kept model with the dictionary that goes with it, at a kept layer. If a part is missing, plans it anew. */
function openStored(bench: ReturnType<typeof useBench>, entry: KeptEntry, all: readonly KeptEntry[]) {
  const known = knownModel(entry.origin);
  const bare = requestOfEntry(entry);
  const places = (known?.dictionaries ?? []).map((one) => placeOf(one, document.baseURI, endpointOf(bare.model)));
  const dictionary = places.find((place) => storedLayers(all, place).length > 0) ?? places[0];
  const layer = dictionary && (storedLayers(all, dictionary)[0] ?? known?.layer);
  const request = { ...bare, dictionary, sites: layer === undefined ? undefined : [layer] };
  if (storedRequest(all, request)) openRequest(bench, request);
  else bench.models.plan(request);
}
