import { CorruptFileError } from '../../api/errors';
import type { Architecture } from './architecture';

/** Trained with the k largest of a batch; read with one threshold for all features, which was learnt along the way
 *  (Bussmann et al. 2024, arXiv 2412.06410). Below 0 it was never set, and all above 0 count. A matryoshka dictionary is
 *  read the same way: its levels only shaped the training. */
export const batchtopk: Architecture = {
  scalar: true,
  activation({ threshold, file }) {
    if (threshold === null || !Number.isFinite(threshold))
      throw new CorruptFileError(`${file} has no threshold that is a number, which a batch-top-k dictionary needs.`, {
        file,
      });
    return { kind: 'threshold', all: Math.max(0, threshold) };
  },
};
