import { useEffect, useMemo } from 'react';
import { useStore } from 'zustand';
import { figure } from '../../lens/maths/figures';
import { labelOf } from '../../state/features/labels';
import { unitOf } from '../../state/reading/maximum';
import { isDense, siteOf } from '../../state/reading/select';
import { type NamedFeature, namedFeatures } from '../../state/words/named-features';
import { isToken, type VerbalRecord } from '../../state/words/record';
import { Failure } from '../../ui/Failure';
import { FeatureName } from '../FeatureName';
import { useBench, useView } from '../use-workbench';

const SHOWN = 5;

/** Which of the dictionary's features the words name, and which of the token's they leave out. */
export function NamedFeatures({ record }: { record: VerbalRecord }) {
  const bench = useBench();
  const { drafts } = bench.verbal;
  const open = useStore(drafts.store, (s) => s.features);
  const sites = useStore(bench.engine.store, (s) => s.info);
  const layer = record.layer ?? -1;
  const site = siteOf(sites, layer);
  if (!site || !isToken(record.target)) return null;
  return (
    <details
      className="words-part"
      open={open}
      onToggle={(event) => drafts.open('features', event.currentTarget.open)}
      data-testid="named-features"
    >
      <summary>Features named by these words</summary>
      {open && <Lists layer={layer} position={record.target.position} />}
    </details>
  );
}

function Lists({ layer, position }: { layer: number; position: number }) {
  const bench = useBench();
  const { value, key, answered, error } = useStore(bench.verbal.drafts.features.store, (s) => s);
  const token = useStore(bench.tracer.store, (s) => s.reading?.sites[layer]);
  const labels = useStore(bench.labels.store, (s) => s.sites);
  const info = useStore(bench.engine.store, (s) => s.info);
  const seen = useStore(bench.tracer.store, (s) => s.seen);
  const dense = useView((s) => s.dense);
  const lists = useMemo(() => {
    const site = siteOf(info, layer);
    if (!value || !token || !site) return null;
    const hidden = dense ? () => false : (id: number) => isDense(site, id);
    return namedFeatures(token, position, value, { hidden, maximumOf: (id) => unitOf(site, id, seen).value || null });
  }, [value, token, info, seen, layer, position, dense]);
  useEffect(() => void bench.labels.need(layer), [bench, layer]);
  const list = (title: string, features: readonly NamedFeature[], latent: (f: NamedFeature) => number) => (
    <div>
      <h4>
        {title}, {features.length} <span>activation</span>
      </h4>
      <ol className="related" aria-label={title}>
        {features.slice(0, SHOWN).map((f) => (
          <li key={f.id}>
            <FeatureName layer={layer} id={f.id} label={labelOf(labels, layer, f.id)} />
            <span className="figures">{figure(latent(f))}</span>
          </li>
        ))}
      </ol>
    </div>
  );
  return (
    <div className={key === answered ? 'named' : 'named stale'}>
      {error && <Failure error={error} />}
      {lists && (
        <>
          {list('Named and active', lists.named, (f) => f.own)}
          {list('Named, not active', lists.onlySaid, (f) => f.said)}
          {list('Active, left out', lists.leftOut, (f) => f.own)}
        </>
      )}
      <p className="caption">
        Features of the activation rebuilt from the words, at the token’s norm, beside the token’s own. Up to {SHOWN} of
        each, by share of the maximum{dense ? '' : '; features that fire almost everywhere are left out'}.
      </p>
    </div>
  );
}
