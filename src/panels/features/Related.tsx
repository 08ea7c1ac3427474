import type { RelatedFeature } from '../../lens/api/feature';
import { cosine as cosineSays } from '../../lens/maths/figures';
import { FeatureName } from '../FeatureName';

/** Features by likeness of their decoder rows; each is a way to that feature. */
export function Related({
  title,
  features,
  rows,
}: {
  title: string;
  features: readonly RelatedFeature[];
  rows: number;
}) {
  return (
    <div>
      <h4>{title}, cosine</h4>
      <ol className="related" aria-label={title} style={{ minHeight: `${rows * 20}px` }}>
        {features.map(({ layer, id, cosine, label }) => (
          <li key={`${layer}:${id}`}>
            <FeatureName layer={layer} id={id} label={label} />
            <span className="figures">{cosineSays(cosine)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
