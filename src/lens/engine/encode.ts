import type { SiteCodes } from '../api/site';
import type { Site } from '../dictionary/site';
import { slice } from '../kernels/compute';
import { siteCodes } from './codes';
import type { Engine } from './engine';
import { withScope } from './scope';

/** Codes of bare vectors [d] under a site's dictionary, by the kernels that a trace's are computed with. */
export async function encodeVectors(
  { model, queue }: Engine,
  { layer, dictionary, info }: Site,
  vectors: readonly Float32Array[],
): Promise<SiteCodes> {
  const { compute, config } = model;
  const count = vectors.length;
  if (count === 0)
    return {
      layer,
      k: info.k,
      ids: new Uint32Array(),
      values: new Float32Array(),
      fvu: new Float32Array(),
      norm: new Float32Array(),
      centred: new Float32Array(),
      active: new Uint32Array(0),
      peak: new Float32Array(0),
    };
  const data = new Float32Array(count * config.d);
  for (const [i, vector] of vectors.entries()) data.set(vector, i * config.d);
  return queue.run(() =>
    withScope(compute, async (scope) => {
      const codes = scope.codes(dictionary, count);
      compute.encode(dictionary, slice(scope.rows(count, config.d, data)), count, slice(codes));
      const [ids, values, stats] = (await compute.read([codes.ids, codes.values, codes.stats])) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      return siteCodes(layer, info.k, [ids, values, stats], 0, count);
    }),
  );
}
