import { useOwnName } from './notebook/use-notes';
import { useBench } from './use-workbench';

/** A mention of a feature, `layer:id`, and where `label` is given with what it is called: by the reader, else by its
 *  label. A click opens its card. */
export function FeatureName({ layer, id, label }: { layer: number; id: number; label?: string | null }) {
  const bench = useBench();
  const own = useOwnName(layer, id);
  const name = own ?? label;
  return (
    <button
      type="button"
      className="bare feature-name"
      title={name ?? `Open ${layer}:${id}`}
      onClick={() => bench.showFeature(layer, id)}
    >
      <span className="mono">
        {layer}:{id}
      </span>
      {label !== undefined && name && <span className="feature-label">{name}</span>}
    </button>
  );
}
