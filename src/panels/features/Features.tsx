import { lockedChip, rankingOf } from '../../state/select';
import { Choice } from '../../ui/Choice';
import { spoken } from '../../ui/token-pieces';
import { useBench, usePart, useReading, useStale, useView } from '../bench';
import { FeatureDetail } from './FeatureDetail';
import { Matrix } from './Matrix';
import './features.css';

const RANKS = [
  { value: 'relative', label: '× max' },
  { value: 'raw', label: 'raw' },
] as const;

/** Which features of the dictionary are active, where, and what the chosen one writes. */
export function Features() {
  const found = useReading();
  return (
    <section className="region features" aria-labelledby="features-title">
      <div className="region-head">
        <h2 id="features-title">Features</h2>
        <SiteSwitch />
      </div>
      {found ? <Listed {...found} /> : <p className="empty">No trace. Features of the text are listed here once it is traced.</p>}
    </section>
  );
}

function SiteSwitch() {
  const bench = useBench();
  const info = usePart(bench.engine.store, (s) => s.info);
  const layer = useView((s) => s.site);
  if (!info || layer === null) return null;
  return (
    <span className="site-switch" title="Residual stream after this decoder block. Feature ids do not carry over between sites.">
      <span className="caption">site resid_post</span>
      <Choice
        name="site"
        label="Site; feature ids do not carry over between sites"
        testId="site"
        options={info.sites.map((site) => ({ value: site.layer, label: String(site.layer) }))}
        value={layer}
        onChange={(next) => bench.view.chooseSite(next)}
      />
    </span>
  );
}

function Listed({ reading, site, codes }: NonNullable<ReturnType<typeof useReading>>) {
  const bench = useBench();
  const seen = usePart(bench.tracer.store, (s) => s.seen);
  const locked = useView((s) => s.locked);
  const rank = useView((s) => s.rank);
  const first = useView((s) => s.first);
  const own = useView((s) => s.scale === 'maximum');
  const stale = useStale();
  const view = { locked, rank, first };
  const ranking = rankingOf(reading, site, seen, view);
  const chip = lockedChip(reading, view);
  return (
    <>
      <div className={stale ? 'stale' : ''}>
        <div className="list-head">
          <p className="caption figures" data-testid="cut">
            {ranking.rows.length} of {ranking.active} active {chip ? `on “${spoken(chip.text)}”` : `in the text${first ? '' : ', position 0 left out'}`}
          </p>
          <Choice name="rank" label="Rank by" options={RANKS} value={rank} onChange={(next) => bench.view.set({ rank: next })} />
        </div>
        <Matrix reading={reading} site={site} codes={codes} ranking={ranking} />
      </div>
      <p className="caption">
        Cells: 0 to {own ? 'each feature’s own maximum' : 'each row’s largest of this prompt'}, log. Ids belong to site {site.layer}, k {site.k}; they do not
        carry over between sites.
        {site.center === 'b_dec' && ' FVU is against b_dec: no mean is stored.'}
      </p>
      <FeatureDetail site={site} />
    </>
  );
}
