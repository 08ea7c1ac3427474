import type { FeatureInfo, Snippet } from '../../lens/api/feature';
import type { SiteInfo } from '../../lens/api/site';
import { neuronpediaFeature, neuronpediaSource } from '../../lens/exchange/neuronpedia';
import { CopyButton } from '../../ui/CopyButton';

/** Copies the feature under Neuronpedia's names; waits until all of it is there. */
export function CopyJson({
  site,
  model,
  value,
  snippets,
  describedBy,
}: {
  site: SiteInfo;
  model: string;
  value: FeatureInfo | null;
  snippets: readonly Snippet[] | null;
  describedBy: string;
}) {
  const place = { modelId: model, source: neuronpediaSource(site.layer, site.width) };
  return (
    <CopyButton
      testId="copy-json"
      label="Copy"
      closed="Clipboard is closed"
      describedBy={describedBy}
      disabled={!value || !snippets}
      text={() => (value && snippets ? JSON.stringify(neuronpediaFeature(value, snippets, place), null, 1) : '')}
    />
  );
}
