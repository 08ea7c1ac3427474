import type { Architecture } from './architecture';

/** A gate decides which features are active, and magnitudes how much (Rajamanoharan et al. 2024, arXiv 2404.16014). Both
 *  read one encoder: p = e^r x + b_mag is a latent where x + b_gate > 0, so where p > b_mag - e^r b_gate. */
export const gated: Architecture = {
  scalar: false,
  activation: () => ({ kind: 'threshold', all: 0 }),
};
