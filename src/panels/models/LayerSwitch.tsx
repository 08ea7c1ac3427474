import { useEffect } from 'react';
import { useStore } from 'zustand';
import { foreignHost } from '../../lens/api/identity';
import type { LensInfo } from '../../lens/api/lens';
import type { Progress } from '../../lens/api/open';
import type { OpenRequest } from '../../lens/api/request';
import { bytesSay } from '../../lens/maths/figures';
import { knownDictionary } from '../../state/model/catalogue';
import { wantedBy } from '../../state/model/choices';
import { dictionaryDownload } from '../../state/model/costs';
import { dictionaryPlaceOf, storedLayers } from '../../state/model/models';
import { amountSays, stageName } from '../../state/model/progress';
import { Failure } from '../../ui/Failure';
import { usePace } from '../status/Opening';
import { useBench } from '../use-workbench';
import { openLayer } from './actions';
import { Mend } from './Mend';

/** All layers with dictionaries, those that the open model knows and those that the page knows. A model opened from the
 *  store knows only the kept layers, since it asked nobody for a list. */
function useLayers(info: LensInfo): readonly number[] {
  const dictionary = useStore(useBench().engine.store, (s) => s.request?.dictionary);
  const known = knownDictionary(dictionary, document.baseURI)?.layers ?? [];
  const all = new Set([...info.openable, ...known.filter((layer) => layer < info.layers)]);
  return [...all].sort((a, b) => a - b);
}

/** A choice among all layers with dictionaries. Choosing one opens it in place of the open one. */
export default function LayerSwitch({ info, onAsk }: { info: LensInfo; onAsk: (layer: number | null) => void }) {
  const layers = useLayers(info);
  const bench = useBench();
  const request = useStore(bench.engine.store, (s) => s.request);
  const switching = useStore(bench.engine.store, (s) => s.switching);
  const live = useStore(bench.engine.store, (s) => s.lens !== null);
  const kept = useStore(bench.models.store, (s) => s.kept);
  useEffect(() => {
    if (info.origin?.kind === 'hub') void bench.models.read();
  }, [bench, info]);
  const here = storedLayers(kept ?? [], request && dictionaryPlaceOf(request), request?.folders);
  const open = info.sites.map(({ layer }) => layer);
  const choose = (layer: number) => {
    if (open.includes(layer)) {
      onAsk(null);
      bench.view.chooseSite(layer);
    } else if (!needsFetch(request, here, layer)) {
      onAsk(null);
      void bench.openLayer(layer);
    } else onAsk(layer);
  };
  return (
    <select
      aria-label="Layer of the dictionary; feature ids do not carry over between layers"
      data-testid="layer"
      value={switching?.layers[0] ?? open[0] ?? ''}
      disabled={!live || switching !== null}
      onChange={(event) => choose(Number(event.target.value))}
    >
      {open.length === 0 && <option value="">none</option>}
      {layers.map((layer) => (
        <option key={layer} value={layer}>
          {`${layer}${open.includes(layer) ? '' : here.includes(layer) ? ', kept' : ''}`}
        </option>
      ))}
    </select>
  );
}

/** Whether a layer would have to come from another site. */
function needsFetch(request: OpenRequest | null, here: number[], layer: number): boolean {
  return request !== null && dictionaryHost(request) !== null && !here.includes(layer);
}

/** The other site that a request's dictionaries come from; null: none. */
const dictionaryHost = ({ model, dictionary }: OpenRequest): string | null =>
  foreignHost({ model: dictionary ?? model }, document.baseURI);

/** What stands between the choice of a layer and its dictionary, where it happens. */
export function LayerNote({ wanted, onAsk }: { wanted: number | null; onAsk: (layer: number | null) => void }) {
  const bench = useBench();
  const request = useStore(bench.engine.store, (s) => s.request);
  const info = useStore(bench.engine.store, (s) => s.info);
  const switching = useStore(bench.engine.store, (s) => s.switching);
  const error = useStore(bench.engine.store, (s) => s.switchError);
  if (switching) return <Switching layer={switching.layers[0]!} stage={switching.stage} />;
  if (wanted !== null && request && info) {
    const known = knownDictionary(request.dictionary, document.baseURI);
    const size = known ? `${bytesSay(dictionaryDownload(known, info.d))} from` : 'it would come from';
    return (
      <div className="layer-note caption" data-testid="layer-ask">
        <p>
          Layer {wanted} is not kept in this browser: {size} {dictionaryHost(request)}.
        </p>
        <p className="actions">
          <button
            type="button"
            onClick={() => {
              onAsk(null);
              openLayer(bench, wanted);
            }}
          >
            Download layer {wanted}
          </button>
          <button type="button" onClick={() => onAsk(null)}>
            Stay
          </button>
        </p>
      </div>
    );
  }
  if (!error) return null;
  const asks = wantedBy(error);
  const kept = info?.sites.length ? 'The layer before is still open.' : 'The model is open without a dictionary.';
  return asks && request ? (
    <Mend wanted={asks} error={error} request={{ ...request, sites: [...error.layers] }} kept={kept} />
  ) : (
    <Failure error={error} kept={kept} />
  );
}

function Switching({ layer, stage }: { layer: number; stage: Progress | null }) {
  const bench = useBench();
  const transfer = useStore(bench.engine.store, (s) => s.transfer);
  const pace = usePace(stage, transfer);
  return (
    <div className="layer-note caption figures" data-testid="layer-opening" role="status">
      <p>
        Opening layer {layer}
        {stage && `: ${[`${stageName(stage.stage)} ${amountSays(stage)}`.trim(), pace].filter(Boolean).join(', ')}`}.
        Text and edits stay.
      </p>
      <button type="button" onClick={() => bench.engine.cancelSites()}>
        Cancel
      </button>
    </div>
  );
}
