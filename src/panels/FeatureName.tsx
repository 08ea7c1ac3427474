import { useBench } from './bench';

/** A mention of a feature, `layer:id`, with its name where one is given; a click opens its card. */
export function FeatureName({ layer, id, label = null }: { layer: number; id: number; label?: string | null }) {
  const bench = useBench();
  return (
    <button type="button" className="bare feature-name" title={label ?? `Open ${layer}:${id}`} onClick={() => bench.showFeature(layer, id)}>
      <span className="mono">
        {layer}:{id}
      </span>
      {label && <span className="feature-label">{label}</span>}
    </button>
  );
}
