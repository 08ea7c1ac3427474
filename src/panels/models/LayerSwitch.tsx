import { type ReactNode, useEffect } from 'react';
import { useStore } from 'zustand';
import { foreignHost } from '../../lens/api/identity';
import type { LensInfo } from '../../lens/api/lens';
import type { OpenRequest } from '../../lens/api/request';
import { knownDictionary } from '../../state/model/catalogue';
import { dictionaryPlaceOf, storedLayers } from '../../state/model/models';
import { useBench } from '../use-workbench';

/** All layers with dictionaries, those that the open model knows and those that the page knows. A model opened from the
 *  store knows only the kept layers, since it asked nobody for a list. */
function useLayers(info: LensInfo | null): readonly number[] {
  const dictionary = useStore(useBench().engine.store, (s) => s.request?.dictionary);
  if (!info) return [];
  const known = knownDictionary(dictionary);
  const all = new Set([
    ...info.openable,
    ...Array.from({ length: Math.min(known?.layers ?? 0, info.layers) }, (_, layer) => layer),
  ]);
  return [...all].sort((a, b) => a - b);
}

interface Props {
  info: LensInfo;
  /** The choice among the open sites. */
  open: ReactNode;
  onAsk: (layer: number | null) => void;
}

/** The choice among the open sites; beside it, where not all layers with dictionaries are open, one among all of
 *  them. */
export default function LayerSwitch({ info, open, onAsk }: Props) {
  const layers = useLayers(info);
  if (layers.length <= info.sites.length) return open;
  return (
    <>
      {info.sites.length > 1 && open}
      <AllLayers info={info} layers={layers} onAsk={onAsk} />
      <span className="caption figures">of {info.layers}</span>
    </>
  );
}

/** Choosing a layer opens it in place of the open one. */
function AllLayers({
  info,
  layers,
  onAsk,
}: {
  info: LensInfo;
  layers: readonly number[];
  onAsk: (layer: number | null) => void;
}) {
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
  return request !== null && foreignHost(request, document.baseURI) !== null && !here.includes(layer);
}
