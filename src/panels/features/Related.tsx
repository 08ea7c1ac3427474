import type { RelatedFeature } from '../../lens/types';
import { fixed } from '../../ui/format';
import { useBench } from '../bench';

/** Features by likeness of their decoder rows; each is a way to that feature. */
export function Related({ title, features, rows }: { title: string; features: readonly RelatedFeature[]; rows: number }) {
  const bench = useBench();
  return (
    <div>
      <h4>{title}, cosine</h4>
      <ol className="related" aria-label={title} style={{ minHeight: `${rows * 20}px` }}>
        {features.map(({ layer, id, cosine, label }) => (
          <li key={`${layer}:${id}`}>
            <button type="button" className="bare" title={label ?? undefined} onClick={() => bench.showFeature(layer, id)}>
              <span className="mono">
                {layer}:{id}
              </span>
              {label && <span className="feature-label">{label}</span>}
            </button>
            <span className="figures">{fixed(cosine, 2)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
