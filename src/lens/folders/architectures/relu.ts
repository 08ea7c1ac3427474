import type { Architecture } from './architecture';

/** All pre-activations above 0: the standard autoencoder, trained with an L1 penalty. */
export const relu: Architecture = {
  scalar: false,
  activation: () => ({ kind: 'threshold', all: 0 }),
};
