import type { SiteCodes } from '../api/site';
import type { Compute, Dictionary, Rows } from '../kernels/compute';
import { latentOf } from '../maths/report';
import { withScope } from './scope';

/** Whether the codes hold every active latent of every token. */
export const areWhole = ({ active, k }: SiteCodes): boolean => active.every((count) => count <= k);

/** One feature's latents over all tokens, [T]: also those that the codes had no room for. `h`: the residuals that the
 *  codes are of, one row a token. */
export async function latentsOf(
  compute: Compute,
  dictionary: Dictionary,
  { codes, h }: { codes: SiteCodes; h: Rows },
  feature: number,
): Promise<Float32Array> {
  const kept = latentOf(codes, feature);
  if (areWhole(codes)) return kept;
  return withScope(compute, async (scope) => {
    const out = scope.rows(kept.length, 1);
    compute.aboveThreshold(dictionary, h, feature, out);
    const all = (await compute.read([out]))[0]!;
    return kept.map((z, t) => (z === 0 && codes.active[t]! > codes.k ? all[t]! : z));
  });
}
