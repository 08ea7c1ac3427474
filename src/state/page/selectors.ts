import type { Edit } from '../../lens/api/edit';
import type { Effect } from '../../lens/api/effect';
import type { SiteCodes, SiteInfo } from '../../lens/api/site';
import { sinkMedian } from '../../lens/maths/sinks';
import type { Combined } from '../base/combine';
import type { Sampling } from '../base/sampling';
import type { ViewState } from '../base/view';
import type { ModelState } from '../model/engine-state';
import { type Unit, unitOf } from '../reading/maximum';
import type { Ranking } from '../reading/rank';
import { createRanking, siteOf } from '../reading/select';
import { lockedChip } from '../reading/selection';
import type { Reading, TraceState } from '../reading/trace';
import { editsOf } from '../steering/edits';
import { effectsOf, showsEffect } from '../steering/examples';
import type { RunState } from '../steering/run';
import type { SteeringState } from '../steering/steering';
import { storedMaximum } from '../steering/unit';
import { positionsOf, turnEnds } from '../words/positions';

/** The state that the selectors below read. */
export interface PageState {
  engine: ModelState;
  view: ViewState;
  tracer: TraceState;
  steering: SteeringState;
  sampling: Sampling;
  runner: RunState;
}

export type Page = Combined<PageState>;

/** The site on show. */
export const selectSite = ({ engine, view }: PageState): SiteInfo | undefined => siteOf(engine.info, view.site);

/** A reading at the site on show. */
export interface Found {
  reading: Reading;
  site: SiteInfo;
  codes: SiteCodes;
}

/** Null until there are a model and a reading. */
export function selectFound(page: PageState): Found | null {
  const { reading } = page.tracer;
  const site = selectSite(page);
  const codes = site && reading?.sites[site.layer];
  return reading && site && codes ? { reading, site, codes } : null;
}

/** A text that was read without a dictionary: tokens and what the model expected of each, no more. It stays while one is
 *  being opened. */
export function selectBare({ engine: { info }, tracer: { reading } }: PageState): Reading | null {
  return info && reading && !Object.keys(reading.sites).length ? reading : null;
}

/** What the dictionary states of a feature's maximum. */
export const selectMaximum = ({ engine }: PageState, layer: number, feature: number): number | null =>
  storedMaximum(siteOf(engine.info, layer), feature);

/** How far a feature goes by itself. */
export const selectUnit = ({ engine, tracer }: PageState, layer: number, feature: number): Unit =>
  unitOf(siteOf(engine.info, layer), feature, tracer.seen);

const remembered = createRanking();

/** The features listed, of the selected tokens or of the whole text; the same answer until one of its inputs changes. */
export function selectRanking(page: PageState): Ranking | null {
  const { reading, seen } = page.tracer;
  const site = selectSite(page);
  return reading && site ? remembered(reading, site, seen, page.view) : null;
}

/** The chosen feature, or the strongest of the list while none is chosen. */
export const selectShownFeature = (page: PageState): number | null =>
  page.view.feature ?? selectRanking(page)?.rows[0]?.id ?? null;

/** The median norm that sinks at a site are told by while text streams: the prompt's, where the site has none of its
 *  own. */
export function selectSinkMedian(
  { engine, tracer }: Pick<PageState, 'engine' | 'tracer'>,
  layer: number,
): number | null {
  const known = siteOf(engine.info, layer)?.normMedian ?? null;
  const codes = tracer.reading?.sites[layer];
  return codes ? sinkMedian(codes, known) : known;
}

/** The positions that Verbalize takes. */
export const selectPositions = ({ tracer, view }: PageState): number[] => positionsOf(tracer.reading, view);

/** The turns' ends, in scope, that can be put into words together. `layer`: the one that is read, null for that on
 *  show. */
export const selectTurnEnds = ({ tracer, view }: PageState, layer: number | null): number[] =>
  turnEnds(tracer.reading, view, layer ?? view.site);

/** The position whose next tokens are shown: the locked token's, else the last one; null without tokens. */
export function selectWordsPosition({ tracer: { reading }, view }: PageState): number | null {
  if (!reading?.count) return null;
  return lockedChip(reading, view)?.to ?? reading.count - 1;
}

/** The measured effects that can be shown with the open model. */
export const selectEffects = (page: PageState): Effect[] => effectsOf(page.engine.info);

/** The measured effect whose edits, and one of whose texts, are on the page. */
export const selectShownEffect = (page: PageState): Effect | undefined =>
  selectEffects(page).find(
    (effect) =>
      page.tracer.chat === null &&
      (page.tracer.bos || page.engine.info?.bos === null) &&
      showsEffect(effect, page.tracer.text, page.steering.rows, (layer, feature) =>
        selectMaximum(page, layer, feature),
      ),
  );

/** The edits that are on. */
export const selectEdits = ({ steering }: PageState): Edit[] => editsOf(steering.rows);
