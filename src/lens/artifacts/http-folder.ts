import { AbortedError, MissingFileError } from '../errors';
import type { Folder, ReadOptions } from './folder';

/** Room for the first bytes of an answer that does not say its length. */
const FIRST_BYTES = 1 << 16;

/** A folder behind a URL, absolute or relative to the page; a slash at its end is optional. Files are fetched whole, in a stream. */
export function httpFolder(baseUrl: string): Folder {
  const base = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;
  const folder: Folder = {
    name: baseUrl,
    async tryRead(path, options = {}) {
      const url = base + path.split('/').map(encodeURIComponent).join('/');
      try {
        const response = await fetch(url, { signal: options.signal ?? null });
        if (isMissing(response, path)) {
          await response.body?.cancel();
          return null;
        }
        if (!response.ok)
          throw new MissingFileError(`${url} answered ${response.status} ${response.statusText}. Check the address and try again.`, {
            url,
            status: response.status,
          });
        return await readBody(response, url, options);
      } catch (error) {
        if (options.signal?.aborted) throw new AbortedError(`Stopped while loading ${url}.`, { url });
        if (error instanceof MissingFileError) throw error;
        throw new MissingFileError(`${url} could not be fetched (${String(error)}). Check the connection and the address.`, { url });
      }
    },
    async read(path, options) {
      const bytes = await folder.tryRead(path, options);
      if (!bytes) throw new MissingFileError(`There is no ${path} in ${baseUrl}. Check that the address is a model folder.`, { folder: baseUrl, path });
      return bytes;
    },
  };
  return folder;
}

/** Servers of single-page applications answer a missing file with their start page and status 200. */
function isMissing(response: Response, path: string): boolean {
  if (response.status === 404 || response.status === 410) return true;
  const type = response.headers.get('content-type') ?? '';
  return response.ok && type.startsWith('text/html') && !path.endsWith('.html');
}

async function readBody(response: Response, url: string, { onBytes }: ReadOptions): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array(0);
  // The stated length is that of the compressed bytes where there is an encoding, so it says nothing about what arrives here.
  const encoded = response.headers.get('content-encoding') !== null;
  const stated = Number(response.headers.get('content-length') ?? 0);
  const total = encoded || !Number.isSafeInteger(stated) || stated < 0 ? 0 : stated;
  let bytes = new Uint8Array(total || FIRST_BYTES);
  let loaded = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (loaded + value.length > bytes.length) {
      const larger = new Uint8Array(Math.max(bytes.length * 2, loaded + value.length));
      larger.set(bytes.subarray(0, loaded));
      bytes = larger;
    }
    bytes.set(value, loaded);
    loaded += value.length;
    onBytes?.(loaded, total >= loaded ? total : 0);
  }
  if (loaded < total) throw new MissingFileError(`${url} ended after ${loaded} of ${total} bytes. Load it again.`, { url, loaded, total });
  return loaded === bytes.length ? bytes : bytes.slice(0, loaded);
}
