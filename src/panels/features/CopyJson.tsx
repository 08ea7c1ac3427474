import { neuronpediaFeature, neuronpediaSource } from '../../lens/neuronpedia';
import type { FeatureInfo, SiteInfo, Snippet } from '../../lens/types';
import { folderName } from '../../state/model-url';
import { CopyButton } from '../../ui/CopyButton';
import { useBench, usePart } from '../bench';

/** Copies the feature under Neuronpedia's names; waits until all of it is there. */
export function CopyJson({ site, value, snippets }: { site: SiteInfo; value: FeatureInfo | null; snippets: readonly Snippet[] | null }) {
  const bench = useBench();
  const model = usePart(bench.engine.store, (s) => s.info?.model ?? '');
  const place = { modelId: folderName(model), source: neuronpediaSource(site.layer, site.width) };
  return (
    <CopyButton
      className="copy-json"
      testId="copy-json"
      label="Copy as JSON"
      closed="Clipboard is closed"
      disabled={!value || !snippets}
      text={() => (value && snippets ? JSON.stringify(neuronpediaFeature(value, snippets, place), null, 1) : '')}
    />
  );
}
