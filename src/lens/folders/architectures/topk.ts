import { CorruptFileError, UnsupportedModelError } from '../../api/errors';
import { MOST } from '../slots';
import { type Architecture, checkK } from './architecture';

/** The k largest pre-activations of a token above 0 (Gao et al. 2024, arXiv 2406.04093). A threshold that the file may
 *  hold as well is of another way to read it, and not used. */
export const topk: Architecture = {
  scalar: false,
  activation({ k, width, file }) {
    if (k === null) throw new CorruptFileError(`${file}: "k" is missing, which a top-k dictionary needs.`, { file });
    checkK(k, width);
    if (k > MOST)
      throw new UnsupportedModelError(
        `${file}: the dictionary keeps k = ${k} latents a token; 1 to ${MOST} can be computed.`,
        { file, k },
      );
    return { kind: 'topk', k };
  },
};
