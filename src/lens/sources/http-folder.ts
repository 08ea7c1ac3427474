import { AbortedError, MissingFileError } from '../api/errors';
import type { FilePart, Folder, ReadOptions } from './folder';

/** Room for the first bytes of an answer that does not say its length. */
const FIRST_BYTES = 1 << 16;

/** A folder behind a URL, absolute or relative to the page; a slash at its end is optional. Files are fetched in a
 *  stream, parts of them by range. */
export function httpFolder(baseUrl: string): Folder {
  const base = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;

  const get = async <T>(
    path: string,
    { signal }: ReadOptions,
    init: RequestInit,
    take: (response: Response, url: string) => Promise<T>,
  ): Promise<T | null> => {
    const url = base + path.split('/').map(encodeURIComponent).join('/');
    try {
      const response = await fetch(url, { ...init, signal: signal ?? null });
      if (isMissing(response, path)) {
        await response.body?.cancel();
        return null;
      }
      return await take(response, url);
    } catch (error) {
      if (signal?.aborted) throw new AbortedError(`Stopped while loading ${url}.`, { url });
      if (error instanceof MissingFileError) throw error;
      throw new MissingFileError(
        `${url} could not be fetched (${String(error)}). Check the connection and the address.`,
        { url },
      );
    }
  };

  const folder: Folder = {
    name: baseUrl,
    async tryRead(path, options = {}) {
      return get(path, options, {}, async (response, url) => {
        refuseFailure(response, url);
        return readBody(response, url, options);
      });
    },
    async read(path, options) {
      const bytes = await folder.tryRead(path, options);
      if (!bytes)
        throw new MissingFileError(`There is no ${path} in ${baseUrl}. Check that the address is a model folder.`, {
          folder: baseUrl,
          path,
        });
      return bytes;
    },
    async tryReadPart(path, begin, end, options = {}) {
      const init = { headers: { range: `bytes=${begin}-${end - 1}` } };
      return get(path, options, init, (response, url) => readPart(response, url, begin, end, options));
    },
  };
  return folder;
}

function refuseFailure(response: Response, url: string): void {
  if (response.ok) return;
  throw new MissingFileError(
    `${url} answered ${response.status} ${response.statusText}. Check the address and try again.`,
    { url, status: response.status },
  );
}

/** 206: the part. 416: the file ends before it begins. 200: the server takes no ranges, and this is the whole file. */
async function readPart(
  response: Response,
  url: string,
  begin: number,
  end: number,
  options: ReadOptions,
): Promise<FilePart> {
  // Another origin's header may be hidden; then the part is taken to be the one that was asked for.
  const stated = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  const size = stated && stated[2] !== '*' ? Number(stated[2]) : null;
  if (response.status === 416) {
    await response.body?.cancel();
    return { bytes: new Uint8Array(0), begin, size };
  }
  refuseFailure(response, url);
  const bytes = await readBody(response, url, options);
  if (response.status !== 206) return { bytes, begin: 0, size: bytes.length };
  if (bytes.length > end - begin || (stated?.[1] !== undefined && Number(stated[1]) !== begin))
    throw new MissingFileError(`${url} answered with another part of the file than was asked for. Check the server.`, {
      url,
      begin,
      end,
    });
  return { bytes, begin, size };
}

/** Servers of single-page applications answer a missing file with their start page and status 200. */
function isMissing(response: Response, path: string): boolean {
  if (response.status === 404 || response.status === 410) return true;
  const type = response.headers.get('content-type') ?? '';
  return response.ok && type.startsWith('text/html') && !path.endsWith('.html');
}

async function readBody(response: Response, url: string, { onBytes }: ReadOptions): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array(0);
  // The stated length is that of the compressed bytes where there is an encoding, so it says nothing about what arrives
  // here.
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
  if (loaded < total)
    throw new MissingFileError(`${url} ended after ${loaded} of ${total} bytes. Load it again.`, {
      url,
      loaded,
      total,
    });
  return loaded === bytes.length ? bytes : bytes.slice(0, loaded);
}
