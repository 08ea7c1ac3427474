/** Lenslet without a page: `openLens` reads a model folder and gives back traces, features, steering and generation. */

export { openFolder, openLens } from './open';
export * from './plain';
