import type { LensInfo } from '../../lens/api/lens';
import { listed } from '../../lens/maths/figures';
import { siteOf } from '../reading/select';
import { type EditRow, settleRows } from './edits';
import { gateOf } from './gates';
import { storedMaximum } from './unit';

/** A site, a feature and edits that a link or an earlier model names, and that this model may lack. */
interface Asked {
  /** Null: the model's middle site. A low site's codes hardly tell more than the token; a high site's tell mostly what
   *  comes next. */
  site: number | null;
  feature: number | null;
  rows: EditRow[];
}

/** Reduces `asked` to what the model has, and lists in words what was left out. Edits of a dictionary that exists but
 *  is not open stay: they act once it is open. */
export function fitTo({ site, feature, rows }: Asked, info: LensInfo): Asked & { left: string[] } {
  const known = siteOf(info, site) ?? info.sites[(info.sites.length - 1) >> 1];
  const left: string[] = [];
  const here = site === null || known?.layer === site;
  const closed = site !== null && !here && info.openable.includes(site);
  if (!here)
    left.push(
      `${closed ? `Layer ${site} is not open` : `No layer ${site} in this model`}${known ? `: layer ${known.layer} is shown` : ''}.`,
    );
  const there = here && feature !== null && known !== undefined && feature < known.width;
  if (here && feature !== null && !there)
    left.push(`No feature ${feature} at layer ${known?.layer ?? 'any'}: the strongest is shown.`);
  const width = (layer: number) =>
    siteOf(info, layer)?.width ?? (info.openable.includes(layer) ? Number.POSITIVE_INFINITY : 0);
  const lacking = (row: EditRow) =>
    [row, gateOf(row) ?? row].find((needed) => needed.feature >= width(needed.layer)) ?? null;
  const possible = rows.filter((row) => !lacking(row));
  const settled = settleRows(
    possible,
    info.sites.map(({ layer }) => layer),
    (layer, feature) => storedMaximum(siteOf(info, layer), feature),
  );
  // Earlier links count maxima. One that nobody stated was 1, or the largest value that the machine had seen.
  const unstated = settled.filter((row, i) => possible[i]!.unit === 'times' && row.unit === 'raw');
  if (unstated.length)
    left.push(
      `Of ${listed(unstated.map(({ layer, feature }) => `${layer}:${feature}`))} no maximum is stored: the link’s strength, which counts maxima, is taken as activation.`,
    );
  const missing = new Map<string, number>();
  for (const row of rows.filter((r) => !possible.includes(r))) {
    const { layer, feature } = lacking(row)!;
    const why = siteOf(info, layer) ? `no feature ${layer}:${feature}` : `no layer ${layer}`;
    missing.set(why, (missing.get(why) ?? 0) + 1);
  }
  for (const [why, n] of missing) left.push(`${n} ${n === 1 ? 'edit' : 'edits'} left out: ${why}.`);
  return { site: known?.layer ?? null, feature: there ? feature : null, rows: settled, left };
}
