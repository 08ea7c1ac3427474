import { useStore } from 'zustand';
import { foreignHost } from '../../lens/api/identity';
import type { Progress } from '../../lens/api/open';
import { bytesSay } from '../../lens/maths/figures';
import { knownDictionary } from '../../state/model/catalogue';
import { wantedBy } from '../../state/model/choices';
import { dictionaryDownload } from '../../state/model/costs';
import { amountSays, stageName } from '../../state/model/progress';
import { Failure } from '../../ui/Failure';
import { usePace } from '../status/Opening';
import { useBench } from '../use-workbench';
import { openLayer } from './actions';
import { Mend } from './Mend';

/** What stands between the choice of a layer and its dictionary, where it happens. */
export default function LayerNote({ wanted, onAsk }: { wanted: number | null; onAsk: (layer: number | null) => void }) {
  const bench = useBench();
  const request = useStore(bench.engine.store, (s) => s.request);
  const info = useStore(bench.engine.store, (s) => s.info);
  const switching = useStore(bench.engine.store, (s) => s.switching);
  const error = useStore(bench.engine.store, (s) => s.switchError);
  if (switching) return <Switching layer={switching.layers[0]!} stage={switching.stage} />;
  if (wanted !== null && request && info) {
    const known = knownDictionary(request.dictionary);
    const size = known
      ? `${bytesSay(dictionaryDownload({ width: known.width, d: info.d }))} from`
      : 'it would come from';
    return (
      <div className="layer-note caption" data-testid="layer-ask">
        <p>
          Layer {wanted} is not kept in this browser: {size} {foreignHost(request, document.baseURI)}.
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
  const kept = 'The layer before is still open.';
  return asks && request ? (
    <Mend wanted={asks} error={error} request={request} kept={kept} />
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
