import type { Architecture } from './architecture';

/** All pre-activations above their feature's threshold (Rajamanoharan et al. 2024, arXiv 2407.14435). SAELens saves its
 *  batch-top-k dictionaries so, too. */
export const jumprelu: Architecture = {
  scalar: false,
  activation: () => ({ kind: 'threshold', all: 0 }),
};
