import type { GeneratedRow } from '../../lens/api/generate';
import type { LensInfo } from '../../lens/api/lens';
import { type SiteCodes, type SiteInfo, UNSTATED } from '../../lens/api/site';
import type { Streams } from '../steering/run';

interface Recorded {
  info: LensInfo;
  sites: SiteCodes[];
  streams: Streams;
}

/** A recording with what a page of an earlier version did not record: what the dictionaries are, and how many features
 *  are active on a token. */
export function completed<R extends Recorded>(recording: R): R {
  const { info, sites, streams } = recording;
  return {
    ...recording,
    info: { ...info, sites: info.sites.map(site) },
    sites: sites.map(codes),
    streams: {
      baseline: streams.baseline.map(row),
      steered: streams.steered?.map(row) ?? null,
      control: streams.control?.map(row) ?? null,
    },
  };
}

const site = (recorded: SiteInfo): SiteInfo => ({ ...unstated, ...recorded });
const unstated: Pick<SiteInfo, 'activation' | 'about' | 'fvu'> = { activation: 'topk', about: UNSTATED, fvu: null };

const codes = (recorded: SiteCodes): SiteCodes => ({ ...uncounted, ...recorded });
const uncounted: Pick<SiteCodes, 'active' | 'peak'> = { active: new Uint32Array(0), peak: new Float32Array(0) };

const row = (recorded: GeneratedRow): GeneratedRow => ({
  ...recorded,
  codes: Object.fromEntries(Object.entries(recorded.codes).map(([layer, each]) => [layer, codes(each)])),
});
