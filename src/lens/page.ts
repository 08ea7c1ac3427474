/** What the page's side and the engine's have in common: errors, types, and functions of plain data. Loads no
 *  engine. */

export type * from './api/chat';
export type * from './api/edit';
export type * from './api/effect';
export * from './api/errors';
export type * from './api/feature';
export type * from './api/generate';
export type * from './api/lens';
export type * from './api/model';
export type * from './api/open';
export type * from './api/recipe';
export type * from './api/site';
export type * from './api/text';
export type * from './api/trace';
export type * from './api/verbalizer';
export { type NeuronpediaFeature, neuronpediaFeature, neuronpediaSource } from './exchange/neuronpedia';
export { npy } from './exchange/npy';
export { recipeOf, recipeWarnings } from './exchange/recipe';
export { parseRecipe, writeRecipe } from './exchange/recipe-file';
export { controlOf } from './maths/control';
export { sinksOf } from './maths/sinks';
export type { FilePart, Folder, ReadOptions } from './sources/folder';
export { lensStore } from './store/store';
