/** What the page's side and the engine's have in common: errors, types, and functions of plain data. Loads no
 *  engine. */

export type { FilePart, Folder, ReadOptions } from './artifacts/folder';
export { controlOf } from './dictionary/edits';
export * from './errors';
export { type NeuronpediaFeature, neuronpediaFeature, neuronpediaSource } from './neuronpedia';
export { npy } from './npy';
export { parseRecipe, recipeOf, recipeWarnings, writeRecipe } from './recipe';
export { lensStore } from './store/store';
export type * from './types';
