/** What the page's side and the engine's have in common: errors, types, and functions of plain data. Loads no
 *  engine. */

export * from './api/errors';
export type * from './api/types';
export { controlOf } from './dictionary/edits';
export { type NeuronpediaFeature, neuronpediaFeature, neuronpediaSource } from './exchange/neuronpedia';
export { npy } from './exchange/npy';
export { parseRecipe, recipeOf, recipeWarnings, writeRecipe } from './exchange/recipe';
export type { FilePart, Folder, ReadOptions } from './sources/folder';
export { lensStore } from './store/store';
