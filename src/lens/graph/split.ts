import { InvalidOptionError } from '../api/errors';

/** Blocks `from` to `to`, both included; the first part also embeds the tokens. */
export interface PartSpec {
  from: number;
  to: number;
  embed: boolean;
}

/** Cuts a model of `layers` blocks behind each site. A site behind the last block cuts nothing off: the head follows
 *  there anyway. Without sites there is one part. Sites may come in any order and repeat. Throws
 *  InvalidOptionError for a site that is not a block. */
export function planParts(layers: number, sites: number[]): PartSpec[] {
  for (const site of sites) {
    if (!Number.isInteger(site) || site < 0 || site >= layers) {
      throw new InvalidOptionError(`There is no layer ${site}: the model's blocks are 0 to ${layers - 1}.`, {
        site,
        layers,
      });
    }
  }
  const ends = [...new Set([...sites, layers - 1])].sort((a, b) => a - b);
  return ends.map((to, i) => ({ from: i === 0 ? 0 : ends[i - 1]! + 1, to, embed: i === 0 }));
}
