import type { SiteInfo } from '../../lens/api/site';
import { count, figure, listed, fvu as written } from '../../lens/maths/figures';

/** What a dictionary is, as its files state it: a name and what it is, a line each. What they do not state is left
 *  out. */
export function dictionaryFacts({
  width,
  k,
  activation,
  about,
  center,
  fvu,
}: SiteInfo): readonly (readonly [string, string])[] {
  const { library, architecture, folder, l0, levels } = about;
  const facts: [string, string | null][] = [
    ['features', count(width)],
    ['active', activation === 'topk' ? `the ${k} strongest of a token` : 'all above their threshold'],
    ['kept', activation === 'topk' ? null : `the ${count(k)} strongest of a token, at most`],
    ['mean L0', l0 === null ? null : figure(l0)],
    ['FVU', fvu && fvuSays(fvu)],
    ['error against', center === 'mean' ? 'the mean of held-out text' : 'the bias b_dec: no mean is stored'],
    ['trained as', architecture],
    ['levels', levels && `${listed(levels.map(count))} features, each within the next`],
    ['written by', library],
    ['folder', folder || null],
  ];
  return facts.flatMap(([name, is]) => (is === null ? [] : [[name, is] as const]));
}

/** What a dictionary leaves unexplained, as its statistics say and as it was measured here. */
export const fvuSays = ({ stated, probe }: NonNullable<SiteInfo['fvu']>): string =>
  `${written(stated)} on held-out text; ${probe === null ? 'not measured here' : `${written(probe)} here, on a short text`}`;
