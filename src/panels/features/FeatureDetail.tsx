import type { FeatureInfo, SiteInfo } from '../../lens/types';
import { Failure } from '../../ui/Failure';
import { count, figure, percent, signed } from '../../ui/format';
import { NumberBox } from '../../ui/NumberBox';
import { TokenBars } from '../../ui/TokenBars';
import { useBench, useFull, usePart, useShownFeature } from '../bench';

const TOKENS = 8;

/** The chosen feature: how often it is active, and the tokens its decoder row raises and lowers. */
export function FeatureDetail({ site }: { site: SiteInfo }) {
  const bench = useBench();
  const id = useShownFeature();
  const { value, key, answered, error } = usePart(bench.feature.store, (s) => s);
  const stale = key !== answered;
  const full = useFull();
  return (
    <section className="feature-detail" aria-label="Chosen feature">
      <div className="detail-head">
        <h3 className="mono">{id === null ? 'No feature' : `${site.layer}:${id}`}</h3>
        {id !== null && (
          <button type="button" disabled={full} onClick={() => bench.steer(site.layer, id)}>
            Steer
          </button>
        )}
        <span className="go-to caption">
          Go to {site.layer}:
          <NumberBox
            label={`Feature id at site ${site.layer}, 0 to ${site.width - 1}`}
            testId="go-to"
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
      {full && <p className="caption">The list of edits is full. Remove one to steer another feature.</p>}
      {error && <Failure error={error} />}
      {value && id !== null && <Facts value={value} stale={stale} />}
    </section>
  );
}

function Facts({ value, stale }: { value: FeatureInfo; stale: boolean }) {
  const density =
    value.density === null
      ? 'density not stored'
      : value.density === 0
        ? 'not active on held-out text'
        : `active on ${percent(value.density)} of held-out tokens`;
  const maximum = value.maximum ? `maximum ${figure(value.maximum)}${value.maximumFrom === 'seen' ? ', the largest seen so far' : ''}` : 'no maximum known';
  return (
    <div className={stale ? 'stale' : ''}>
      <p className="caption figures">
        {density} · {maximum}
      </p>
      <div className="two">
        <div>
          <h4>Promotes, logit</h4>
          <TokenBars label="Promoted tokens" rows={TOKENS} bars={value.promoted.map((t) => ({ ...t, value: t.logit, figure: signed(t.logit, 2) }))} />
        </div>
        <div>
          <h4>Suppresses, logit</h4>
          <TokenBars label="Suppressed tokens" rows={TOKENS} bars={value.suppressed.map((t) => ({ ...t, value: t.logit, figure: signed(t.logit, 2) }))} />
        </div>
      </div>
    </div>
  );
}
