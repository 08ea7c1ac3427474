import type { FeatureInfo } from '../../lens/api/feature';
import type { SiteInfo } from '../../lens/api/site';
import { count, counted, listed, percent } from '../../lens/maths/figures';
import type { CutTokens } from '../../state/reading/kept-codes';
import { denseFrom } from '../../state/reading/select';

/** Whether a feature was never active on any of the reference texts. */
export const isDead = ({ written, heldOut }: FeatureInfo['density']): boolean =>
  !(heldOut === null && written === null) && !heldOut && !written;

/** How often a feature is active, in words; of a dead one, on how much text it never was. */
export function densitySays(
  density: FeatureInfo['density'],
  tokens: NonNullable<SiteInfo['features']>['tokens'] | null,
): string {
  const { written, heldOut } = density;
  if (heldOut === null && written === null) return 'not stored';
  if (isDead(density)) {
    const on = tokens
      ? ` on ${count(tokens.heldOut)} held-out and ${count(tokens.written + tokens.arithmetic)} written tokens`
      : ' on held-out text';
    return `never active${on}`;
  }
  const parts = [
    heldOut === null
      ? null
      : heldOut === 0
        ? 'not active on held-out text'
        : `active on ${percent(heldOut)} of held-out tokens`,
    written === null ? null : `${heldOut === null ? 'active on ' : ''}${percent(written)} of written`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

/** From which density on features are hidden, as the switch says it; sites may differ. */
export function denseSays(sites: readonly Pick<SiteInfo, 'layer' | 'width' | 'k' | 'activation' | 'about'>[]): string {
  const shares = [...new Set(sites.map((site) => percent(denseFrom(site))))];
  return shares.length > 1
    ? `over ${listed(shares)} of tokens at layers ${listed(sites.map(({ layer }) => layer))}`
    : `over ${shares[0]} of tokens`;
}

/** How many of the features that are active on some tokens are kept, behind their number; empty where all are. `one`:
 *  it is one token. Short, since the list must not move from token to token. */
export function cutSays(cut: CutTokens | null, one: boolean): string {
  if (!cut) return '';
  return `, ${one ? '' : `on ${counted(cut.count, 'token')} `}${count(cut.kept)} kept`;
}
