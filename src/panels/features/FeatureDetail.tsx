import { lazy, Suspense } from 'react';
import { useStore } from 'zustand';
import type { FeatureInfo, RelatedFeature, Snippet } from '../../lens/api/feature';
import type { SiteInfo } from '../../lens/api/site';
import { count, figure, score, signed } from '../../lens/maths/figures';
import { latentOf } from '../../lens/maths/report';
import { labelOf } from '../../state/features/labels';
import { peak } from '../../state/reading/rank';
import { lockedChip } from '../../state/reading/selection';
import { selectSource } from '../../state/words/state';
import { Failure } from '../../ui/Failure';
import { NumberBox } from '../../ui/NumberBox';
import { Term } from '../../ui/Term';
import { TokenBars } from '../../ui/TokenBars';
import { usePopover } from '../../ui/use-popover';
import { CardNotes } from '../notebook/CardNotes';
import { useOwnName } from '../notebook/use-notes';
import { countRender } from '../render-count';
import { useBench, useFull, useReading, useShownFeature, useView } from '../use-workbench';
import { otherLayer, VerbalizeRow } from '../words/VerbalizeRow';
import { densitySays, isDead } from './facts';
import { Histogram } from './Histogram';
import { Related } from './Related';
import { SiteNote } from './SiteNote';
import { Snippets } from './Snippets';
import './card.css';

/** Loaded when they are first asked for. */
const CopyForms = lazy(() => import('./CopyForms'));
const CardWords = lazy(() => import('../words/CardWords'));
/** Loaded with the first dictionary that comes without labels. */
const ImportLabels = lazy(() => import('./ImportLabels'));

const TOKENS = 8;
/** Of the forms to copy. */
const FORMS = { width: 440, height: 380 };
/** Similar features that the files have, and room is kept for. */
const SIMILAR = 5;
const NONE: readonly Snippet[] = [];

/** The chosen feature: its name, what it writes, how often and where it is active, and its like. */
export function FeatureDetail({ site }: { site: SiteInfo }) {
  countRender('feature-card');
  const bench = useBench();
  const id = useShownFeature();
  const { value, key, answered, error } = useStore(bench.feature.store, (s) => s);
  const found = useStore(bench.snippets.store, (s) => s);
  const stale = key !== answered;
  const told = site.features !== null;
  const labels = useStore(bench.labels.store, (s) => s.sites);
  const named = (features: readonly RelatedFeature[]) =>
    features.map((one) => ({ ...one, label: labelOf(labels, one.layer, one.id) }));
  const snippets = told ? (found.answered === key ? found.value : null) : NONE;
  return (
    <section className="feature-detail" aria-label="Chosen feature">
      <SiteNote site={site} />
      <Head site={site} id={id} value={stale ? null : value} snippets={snippets} />
      {told && value && id !== null && (
        <div className={stale ? 'stale' : ''}>
          <Label value={value} rule={site.features!.labelRule} />
        </div>
      )}
      {!told && id !== null && <ImportedLabel layer={site.layer} id={id} />}
      {id !== null && <Worded layer={site.layer} id={id} />}
      {id !== null && <CardNotes key={`${site.layer}:${id}`} layer={site.layer} id={id} />}
      {error && <Failure error={error} />}
      {id === null && (
        <p className="empty">No feature chosen. Click one in the list, go to one by its id, or press / to search.</p>
      )}
      {id !== null && !value && !error && <p className="empty">Reading the feature.</p>}
      {value && id !== null && (
        <div className={stale ? 'stale' : ''}>
          <Facts value={value} site={site} />
          {told ? (
            <>
              <Spread value={value} />
              {found.error && <Failure error={found.error} />}
              <div className={!stale && found.key !== found.answered ? 'stale' : ''}>
                <Snippets snippets={found.value} maximum={value.histogram?.maximum ?? 0} />
              </div>
              <div className="two">
                <Related title="Similar here" features={value.similar} rows={SIMILAR} />
                <Related title="Nearest at other layers" features={value.nearest} rows={SIMILAR} />
              </div>
            </>
          ) : (
            <Related title="Similar here" features={named(value.similar)} rows={0} />
          )}
        </div>
      )}
      {!told && (
        <Suspense fallback={null}>
          <ImportLabels layer={site.layer} />
        </Suspense>
      )}
    </section>
  );
}

/** The feature's direction in words, once they were asked for. */
function Worded({ layer, id }: { layer: number; id: number }) {
  const { store } = useBench().verbal;
  const asked = useStore(store, (s) => s.rowError !== null || s.entries.has(`d:${layer}:${id}`));
  return (
    asked && (
      <Suspense fallback={null}>
        <CardWords layer={layer} id={id} />
      </Suspense>
    )
  );
}

/** A label that was read from a file: nobody measured it here. */
function ImportedLabel({ layer, id }: { layer: number; id: number }) {
  const label = useStore(useBench().labels.store, (s) => labelOf(s.sites, layer, id));
  const own = useOwnName(layer, id) !== null;
  if (label === null) return null;
  return (
    <p className={own ? 'detail-label detail-label-second' : 'detail-label'} data-testid="feature-label">
      <span className="feature-label">
        {own && 'label: '}
        {label}
      </span>{' '}
      <span className="caption">from a file, not measured here</span>
    </p>
  );
}

/** The id, what can be done with the feature, and the way to another; its forms to copy unfold over the card. */
function Head(props: {
  site: SiteInfo;
  id: number | null;
  value: FeatureInfo | null;
  snippets: readonly Snippet[] | null;
}) {
  const { site, id, value, snippets } = props;
  const bench = useBench();
  const full = useFull();
  const unread = useStore(bench.verbal.store, (s) => otherLayer(selectSource(s), site.layer));
  const { open: copying, button, box } = usePopover(FORMS);
  return (
    <>
      <div className="detail-head">
        <h3 className="mono">{id === null ? 'No feature' : `${site.layer}:${id}`}</h3>
        {id !== null && (
          <>
            <button type="button" disabled={full} onClick={() => bench.steer(site.layer, id)}>
              Steer
            </button>
            <button type="button" data-testid="copy" {...button}>
              Copy
            </button>
            <VerbalizeRow layer={site.layer} id={id} />
          </>
        )}
        <span className="go-to caption">
          Go to {site.layer}:
          <NumberBox
            label={`Feature id at layer ${site.layer}, 0 to ${site.width - 1}`}
            testId="go-to"
            id="go-to"
            value={id ?? 0}
            digits={0}
            step={1}
            min={0}
            max={site.width - 1}
            onCommit={(next) => bench.view.set({ feature: Math.round(next), colour: 'feature' })}
          />
          <span className="figures">of {count(site.width)}</span>
        </span>
      </div>
      {unread !== null && (
        <p className="caption">Verbalize reads layer {unread}; another source is under Settings in Words.</p>
      )}
      {full && <p className="caption">The list of edits is full. Remove one to steer another feature.</p>}
      <div {...box} className="popover">
        {copying && id !== null && (
          <Suspense fallback={null}>
            <CopyForms site={site} id={id} value={value} snippets={snippets} />
          </Suspense>
        )}
      </div>
    </>
  );
}

/** What the feature is called, and how far the name holds. */
function Label({ value: { layer, id, label }, rule }: { value: FeatureInfo; rule: string }) {
  // The reader's own name goes before it, and stands with the notes.
  const own = useOwnName(layer, id) !== null;
  return (
    <p className={own ? 'detail-label detail-label-second' : 'detail-label'} data-testid="feature-label" title={rule}>
      {label ? (
        <>
          <span className="feature-label">
            {own && 'label: '}
            {label.text}
          </span>{' '}
          <span className="caption figures">
            precision {score(label.precision)} · recall {score(label.recall)} on held-out text
          </span>
        </>
      ) : (
        <span className="caption">No label: no simple rule predicts where it fires.</span>
      )}
    </p>
  );
}

function Facts({ value, site }: { value: FeatureInfo; site: SiteInfo }) {
  const maximum = value.maximum
    ? `maximum ${figure(value.maximum)}${value.maximumFrom === 'seen' ? ', the largest seen so far' : ''}`
    : 'no maximum known';
  const unknown = site.features === null && value.density.heldOut === null && value.density.written === null;
  return (
    <>
      <p className="caption figures">
        {!unknown && (
          <>
            {isDead(value.density) ? <Term id="dead">Dead</Term> : <Term id="density">Density</Term>}:{' '}
            {densitySays(value.density, site.features?.tokens ?? null)} ·{' '}
          </>
        )}
        {maximum}
      </p>
      <div className="two">
        <div>
          <h4>Promotes, logit per unit</h4>
          <TokenBars
            label="Promoted tokens"
            rows={TOKENS}
            bars={value.promoted.map((t) => ({ ...t, value: t.logit, figure: signed(t.logit, 2) }))}
          />
        </div>
        <div>
          <h4>Suppresses, logit per unit</h4>
          <TokenBars
            label="Suppressed tokens"
            rows={TOKENS}
            bars={value.suppressed.map((t) => ({ ...t, value: t.logit, figure: signed(t.logit, 2) }))}
          />
        </div>
      </div>
    </>
  );
}

/** The histogram, with the locked token's own activation in it. */
function Spread({ value }: { value: FeatureInfo }) {
  const found = useReading();
  const locked = useView((s) => s.locked);
  const chip = found && lockedChip(found.reading, { locked });
  const own = found?.site.layer === value.layer && chip ? latentOf(found.codes, value.id) : null;
  return <Histogram histogram={value.histogram} here={own && chip ? peak(own, range(chip.from, chip.to)) : null} />;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
