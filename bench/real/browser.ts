import { smallUrlSource } from '../../src/lens/sources/url';

export { openLens } from '../../src/lens/open/open';
export * from './run';

/** The folder that the measuring script serves at a path. */
export const servedFolder = (path: string) => smallUrlSource(new URL(`${path}/`, location.href).href);
