import { AccessDeniedError, InvalidOptionError, MissingFileError, throwIfAborted } from '../api/errors';
import { Connection } from './connection';
import { checkPath, noFile, sourceOf } from './reads';
import { contentRange, lengthOf, type RemoteFile, refuse, remoteBytes } from './remote';
import { Broken, type ConnectionOptions, patiently } from './retry';
import type { Source, StreamOptions } from './source';
import { readPart, readWhole } from './whole';

/** Largest file that is read once to count its bytes, if the server does not state its length. */
const COUNTED = 64 << 20;
/** Few attempts for the first request: a mistyped address should fail soon. */
const FIRST_ATTEMPTS = 3;
/** Attempts for a small file: somebody is waiting. */
const SMALL_ATTEMPTS = 2;

/** A folder on any static host, absolute or relative to the page. It bypasses the browser's cache and compares every
 *  answer with the one that stated the file's length. */
export function urlSource(address: string, options: ConnectionOptions = {}): Source {
  return sourceOf(kindOf(address, options));
}

/** Like `urlSource`, for a small model: each file is one request, which the browser's cache may answer and the server
 *  may compress. It fails fast. It streams larger files. */
export function smallUrlSource(address: string, options: ConnectionOptions = {}): Source {
  const kind = kindOf(address, options);
  const asked = (path: string) => {
    const url = kind.urlOf(path);
    return { url, refusal, missing: (answer: Response) => isMissing(answer, url) };
  };
  const how = (signal?: AbortSignal): ConnectionOptions => ({
    attempts: globalThis.navigator?.onLine === false ? 1 : SMALL_ATTEMPTS,
    ...own(options),
    cache: 'default',
    signal,
  });
  return sourceOf({
    ...kind,
    tryRead: (path, { signal, ...reading } = {}) => readWhole(asked(path), how(signal), reading),
    tryReadPart: (path, begin, end, { signal, onBytes } = {}) =>
      readPart(asked(path), begin, end, { ...how(signal), onBytes }),
  });
}

/** Cookies go to the page's own origin alone. */
const own = (options: ConnectionOptions): ConnectionOptions => ({ credentials: 'same-origin', ...options });

function kindOf(address: string, options: ConnectionOptions) {
  const base = folderUrl(address);
  const known = new Map<string, RemoteFile>();
  const how = (signal?: AbortSignal) => ({ ...own(options), signal });
  const urlOf = (path: string) =>
    new URL(checkPath(path, address).split('/').map(encodeURIComponent).join('/'), base).href;
  const find = async (path: string, signal?: AbortSignal): Promise<RemoteFile | null> => {
    const url = urlOf(path);
    const found = known.get(url) ?? (await measure(url, { ...how(signal), attempts: FIRST_ATTEMPTS }));
    if (found) known.set(url, found);
    return found;
  };
  return {
    name: address,
    origin: { kind: 'url' as const, url: base.href },
    licence: null,
    urlOf,
    async stat(path: string, { signal }: StreamOptions = {}) {
      throwIfAborted(signal);
      const found = await find(path, signal);
      return found && { path, size: found.size, sha256: null };
    },
    async *stream(path: string, begin: number, end: number, { signal }: StreamOptions = {}) {
      throwIfAborted(signal);
      const found = await find(path, signal);
      if (!found) throw noFile(path, address);
      yield* remoteBytes(found, begin, end, how(signal));
    },
  };
}

function folderUrl(address: string): URL {
  let url: URL;
  try {
    url = new URL(address, globalThis.location?.href);
  } catch {
    throw new InvalidOptionError(`${JSON.stringify(address)} is no address of a folder.`, { address });
  }
  if (!/^https?:$/.test(url.protocol) || url.username || url.password || url.search)
    throw new InvalidOptionError(
      `${url.protocol}//${url.host}${url.pathname} cannot be the address of a folder: http or https, no password and no “?”.`,
      {
        address: url.host,
      },
    );
  url.hash = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/** Finds the file's length: with a range of one byte, which also prevents compression; if that answer hides the length,
 *  with HEAD; else by counting. Null if the file does not exist. */
async function measure(url: string, options: ConnectionOptions): Promise<RemoteFile | null> {
  const first = await patiently(url, options, () => answer(url, 'GET', options));
  if (!first) return null;
  // Another origin may refuse HEAD; its refusal says nothing about the file.
  const head = () =>
    answer(url, 'HEAD', options).catch((error: unknown) => (error instanceof Broken ? null : Promise.reject(error)));
  const size = first.size ?? (await head())?.size ?? (await patiently(url, options, () => count(url, options)));
  return { url, size, etag: first.etag, refusal };
}

async function answer(
  url: string,
  method: string,
  options: ConnectionOptions,
): Promise<{ size: number | null; etag: string | null } | null> {
  const connection = await Connection.open(
    url,
    { method, headers: { range: method === 'HEAD' ? 'bytes=0-' : 'bytes=0-0' } },
    options,
  );
  try {
    const { response } = connection;
    const range = contentRange(response);
    if (response.status === 416 && range?.size === 0) return { size: 0, etag: response.headers.get('etag') };
    if (isMissing(response, url)) return null;
    // A server without HEAD says nothing about the file.
    if (method === 'HEAD' && !response.ok) return { size: null, etag: null };
    refuse(response, { url, refusal });
    const part = response.status === 206;
    const stated = method === 'GET' && part ? range?.size : lengthOf(response);
    return { size: stated ?? null, etag: response.headers.get('etag') };
  } finally {
    connection.close();
  }
}

async function count(url: string, options: ConnectionOptions): Promise<number> {
  const connection = await Connection.open(url, {}, options);
  try {
    refuse(connection.response, { url, refusal });
    let size = 0;
    for (let chunk = await connection.next(); chunk; chunk = await connection.next()) {
      size += chunk.length;
      if (size > COUNTED)
        throw new MissingFileError(
          `The server of ${url} does not say how long it is. Large files need a server that does.`,
          { url },
        );
    }
    return size;
  } finally {
    connection.close();
  }
}

/** Servers of single-page applications answer a missing file with their start page and status 200. */
function isMissing({ ok, status, headers }: Response, url: string): boolean {
  if (status === 404 || status === 410) return true;
  return ok && !!headers.get('content-type')?.startsWith('text/html') && !new URL(url).pathname.endsWith('.html');
}

function refusal({ status, url }: Response): AccessDeniedError | null {
  if (status !== 401 && status !== 403) return null;
  return new AccessDeniedError(
    `${url} answered ${status}: its server does not give it to everybody. Put the folder where it can be read, or pick it from the disk.`,
    {
      url,
      status,
    },
  );
}
