import { CorruptFileError } from '../../api/errors';
import { type Architecture, checkK } from './architecture';

/** The k largest pre-activations of a token above 0 (Gao et al. 2024, arXiv 2406.04093). A threshold that the file may
 *  hold as well is of another way to read it, and not used. */
export const topk: Architecture = {
  scalar: false,
  activation({ k, width, file }) {
    if (k === null) throw new CorruptFileError(`${file}: "k" is missing, which a top-k dictionary needs.`, { file });
    checkK(k, width);
    return { kind: 'topk', k };
  },
};
