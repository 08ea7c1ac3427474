/** Lenslet without a page: `openLens` reads a model folder and gives back traces, features, steering and generation. */

export { controlOf } from './dictionary/edits';
export * from './errors';
export { type NeuronpediaFeature, neuronpediaFeature, neuronpediaSource } from './neuronpedia';
export { openFolder, openLens } from './open';
export type * from './types';
