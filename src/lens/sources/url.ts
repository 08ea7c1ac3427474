import { AccessDeniedError, InvalidOptionError, MissingFileError, throwIfAborted } from '../api/errors';
import { Connection } from './connection';
import { checkPath, noFile, sourceOf } from './reads';
import { contentRange, lengthOf, type RemoteFile, refuse, remoteBytes } from './remote';
import { type ConnectionOptions, patiently } from './retry';
import type { Source } from './source';
import { readPart, readWhole } from './whole';

/** Of a file whose server does not state its length: it is read once to be counted. */
const COUNTED = 64 << 20;
/** Until the first file was found: an address with a mistake in it should say so soon. */
const FIRST_ATTEMPTS = 3;

/** A folder on any static host, absolute or relative to the page. A small file is one request, as a page would make it:
 *  the browser may answer it from its cache, the server may compress it. Large files are streamed past the cache. */
export function urlSource(address: string, options: ConnectionOptions = {}): Source {
  const base = folderUrl(address);
  /** Files whose length an answer has stated, by their addresses. */
  const known = new Map<string, RemoteFile>();
  const how = (signal?: AbortSignal): ConnectionOptions =>
    known.size > 0 ? { ...options, signal } : { attempts: FIRST_ATTEMPTS, ...options, signal };
  const urlOf = (path: string) =>
    new URL(checkPath(path, address).split('/').map(encodeURIComponent).join('/'), base).href;
  const note = (url: string, size: number | null, etag: string | null) => {
    if (size !== null) known.set(url, { url, size, etag, refusal });
  };

  const find = async (path: string, signal?: AbortSignal): Promise<RemoteFile | null> => {
    const url = urlOf(path);
    const found = known.get(url) ?? (await measure(url, how(signal)));
    if (found) known.set(url, found);
    return found;
  };
  return sourceOf({
    name: address,
    origin: { kind: 'url', url: base.href },
    licence: null,
    async stat(path, { signal } = {}) {
      throwIfAborted(signal);
      const found = await find(path, signal);
      return found && { path, size: found.size, sha256: null };
    },
    async *stream(path, begin, end, { signal } = {}) {
      throwIfAborted(signal);
      const found = await find(path, signal);
      if (!found) throw noFile(path, address);
      yield* remoteBytes(found, begin, end, how(signal));
    },
    async tryRead(path, { signal, ...reading } = {}) {
      const url = urlOf(path);
      const whole = await readWhole(
        { url, refusal, missing: (answer) => isMissing(answer, url) },
        how(signal),
        reading,
      );
      if (whole) note(url, whole.bytes.length, whole.etag);
      return whole?.bytes ?? null;
    },
    async tryReadPart(path, begin, end, { signal, onBytes } = {}) {
      const url = urlOf(path);
      const part = await readPart({ url, refusal, missing: (answer) => isMissing(answer, url) }, begin, end, {
        ...how(signal),
        onBytes,
      });
      if (part) note(url, part.size, part.etag);
      return part && { bytes: part.bytes, begin: part.begin, size: part.size };
    },
  });
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

/** The file's length: by a range of one byte, which also keeps compression off; by HEAD where that answer hides it; by
 *  counting where no answer says it. Null where there is no such file. */
async function measure(url: string, options: ConnectionOptions): Promise<RemoteFile | null> {
  const ask = (method: string) => patiently(url, options, () => answer(url, method, options));
  const first = await ask('GET');
  if (!first) return null;
  const size = first.size ?? (await ask('HEAD'))?.size ?? (await patiently(url, options, () => count(url, options)));
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
    // A server that does not know HEAD has not said anything about the file.
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
