import type { SiteInfo } from '../../lens/api/site';

export interface ErrorName {
  /** Beside a figure. */
  short: string;
  /** Where there is room. */
  long: string;
}

const NAMES: Record<SiteInfo['center'], ErrorName> = {
  mean: { short: 'FVU', long: 'fraction of variance unexplained' },
  b_dec: { short: 'error/b_dec', long: 'error ÷ distance to b_dec' },
};

/** What the error that a dictionary leaves is called. It is relative to a distance: from the mean activation, and then
 *  it is the FVU; where no mean is stored from b_dec, and then it compares with no FVU and must not bear its name. */
export const errorName = ({ center }: Pick<SiteInfo, 'center'>): ErrorName => NAMES[center];
