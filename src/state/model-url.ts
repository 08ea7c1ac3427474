import { InvalidOptionError } from '../lens/errors';

export { folderName } from '../lens/model-name';

export const DEFAULT_MODEL = 'models/lenslet-mini/';

/** The folder that `?model=` names, relative to the page; always ends in a slash. Throws InvalidOptionError for what is no http(s) address.
 *  `foreign` is true where opening it would fetch from another origin: the page asks first. */
export function modelUrl(parameter: string | null, page: string): { url: string; foreign: boolean } {
  let url: URL;
  try {
    url = new URL(parameter?.trim() || DEFAULT_MODEL, page);
  } catch {
    throw new InvalidOptionError('The model address in this link is not a URL. Remove ?model= from the address, or give a folder.');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new InvalidOptionError(`A model folder is opened over http or https, not ${url.protocol} Remove ?model= from the address, or give a folder.`);
  }
  url.search = '';
  url.hash = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return { url: url.href, foreign: url.origin !== new URL(page).origin };
}

/** `?provider=`, `auto` for anything unknown. */
export function providerOf(parameter: string | null): 'auto' | 'webgpu' | 'wasm' {
  return parameter === 'webgpu' || parameter === 'wasm' ? parameter : 'auto';
}
