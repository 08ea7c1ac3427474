import type { FeatureInfo } from '../../lens/api/feature';
import type { SiteInfo } from '../../lens/api/site';
import { count, listed, percent } from '../../lens/maths/figures';
import { denseFrom } from '../../state/reading/select';

/** How often a feature is active, in words; one that never was is dead, and it is said on how much text. */
export function densitySays(
  { written, heldOut }: FeatureInfo['density'],
  tokens: NonNullable<SiteInfo['features']>['tokens'] | null,
): string {
  if (heldOut === null && written === null) return 'density not stored';
  if (!heldOut && !written) {
    const on = tokens
      ? ` on ${count(tokens.heldOut)} held-out and ${count(tokens.written + tokens.arithmetic)} written tokens`
      : ' on held-out text';
    return `dead: never active${on}`;
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
export function denseSays(sites: readonly Pick<SiteInfo, 'layer' | 'width' | 'k'>[]): string {
  const shares = [...new Set(sites.map((site) => percent(denseFrom(site))))];
  return shares.length > 1
    ? `over ${listed(shares)} of tokens at sites ${listed(sites.map(({ layer }) => layer))}`
    : `over ${shares[0]} of tokens`;
}
