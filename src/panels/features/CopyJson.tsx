import { useEffect, useState } from 'react';
import { neuronpediaFeature, neuronpediaSource } from '../../lens/neuronpedia';
import type { FeatureInfo, SiteInfo, Snippet } from '../../lens/types';
import { folderName } from '../../state/model-url';
import { useBench, usePart } from '../bench';

/** Copies the feature under Neuronpedia's names; waits until all of it is there. */
export function CopyJson({ site, value, snippets }: { site: SiteInfo; value: FeatureInfo | null; snippets: readonly Snippet[] | null }) {
  const bench = useBench();
  const model = usePart(bench.engine.store, (s) => s.info?.model ?? '');
  const [said, setSaid] = useState<'Copied' | 'Clipboard is closed' | null>(null);
  useEffect(() => {
    if (!said) return;
    const id = setTimeout(() => setSaid(null), 2000);
    return () => clearTimeout(id);
  }, [said]);
  const copy = async () => {
    if (!value || !snippets) return;
    const place = { modelId: folderName(model), source: neuronpediaSource(site.layer, site.width) };
    try {
      await navigator.clipboard.writeText(JSON.stringify(neuronpediaFeature(value, snippets, place), null, 1));
      setSaid('Copied');
    } catch {
      setSaid('Clipboard is closed');
    }
  };
  return (
    <button type="button" className="copy-json" data-testid="copy-json" disabled={!value || !snippets} onClick={() => void copy()}>
      <span aria-live="polite">{said ?? 'Copy as JSON'}</span>
    </button>
  );
}
