import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { RelatedFeature } from '../../lens/api/feature';
import type { SiteInfo } from '../../lens/api/site';
import { cosine } from '../../lens/maths/figures';
import { createQuerySlot } from '../../state/base/query';
import { Failure } from '../../ui/Failure';
import { FeatureName } from '../FeatureName';
import { useBench, useView } from '../use-workbench';

/** Says what became of the feature chosen at the previous layer: its id means another feature here, but one feature has
 *  the nearest decoder row. */
export function SiteNote({ site }: { site: SiteInfo }) {
  const left = useView((s) => s.left);
  return left && left.layer !== site.layer ? <Left left={left} layer={site.layer} /> : null;
}

function Left({ left, layer }: { left: { layer: number; feature: number }; layer: number }) {
  const bench = useBench();
  const lens = useStore(bench.engine.store, (s) => s.lens);
  const [query] = useState(() => createQuerySlot<readonly RelatedFeature[]>(bench.engine));
  const { value, key, answered, error } = useStore(query.store, (s) => s);
  useEffect(() => {
    if (lens)
      void query.ask(
        `${left.layer}:${left.feature}`,
        async () => (await lens.feature(left.layer, left.feature)).nearest,
      );
    return () => query.release();
  }, [lens, left, query]);
  const known = key !== null && key === answered ? value : null;
  return (
    <div className="site-note caption" data-testid="site-note" role="status">
      <p>
        <span>
          <span className="mono">
            {left.layer}:{left.feature}
          </span>{' '}
          is a feature of layer {left.layer}; each layer has its own.
        </span>
        <button type="button" className="bare" onClick={() => bench.view.set({ left: null })}>
          Dismiss
        </button>
      </p>
      <p>{known && <Nearest found={known.find((one) => one.layer === layer)} />}</p>
      {error && <Failure error={error} />}
    </div>
  );
}

function Nearest({ found }: { found: RelatedFeature | undefined }) {
  if (!found) return 'Which feature of this layer is nearest is not stored.';
  return (
    <>
      <span>Nearest here, cosine {cosine(found.cosine)}:</span>
      <FeatureName layer={found.layer} id={found.id} label={found.label} />
    </>
  );
}
