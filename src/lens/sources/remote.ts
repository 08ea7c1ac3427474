import { CorruptFileError, type LensError, MissingFileError, throwIfAborted } from '../api/errors';
import { Connection } from './connection';
import { askedPause, Broken, type ConnectionOptions, Limited, Patience } from './retry';

/** The known facts of a file behind an address. */
export interface RemoteFile {
  url: string;
  headers?: Record<string, string>;
  size: number;
  /** ETag of the answer that stated the size; an answer with another ETag is of another file. Null if no ETag was sent
   *  or the page cannot read it. */
  etag?: string | null;
  /** The error that a 4xx answer means here; null: it only says that the file could not be fetched. */
  refusal: (response: Response) => LensError | null;
}

/** Yields exactly the bytes [begin, end) of a file, in order. Every request names the range that is still missing.
 *  Refuses an answer of another place, another length or another version of the file. If the server sends the whole
 *  file instead of a part, it skips the bytes before the part. */
export async function* remoteBytes(
  file: RemoteFile,
  begin: number,
  end: number,
  options: ConnectionOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!(Number.isSafeInteger(begin) && Number.isSafeInteger(end) && begin >= 0 && begin <= end && end <= file.size))
    throw new MissingFileError(`${file.url} has ${file.size} bytes, and [${begin}, ${end}) was asked for.`, {
      url: file.url,
      begin,
      end,
      size: file.size,
    });
  const patience = new Patience(file.url, options);
  let at = begin;
  while (at < end) {
    let connection: Connection | undefined;
    try {
      connection = await Connection.open(
        file.url,
        { headers: { ...file.headers, range: `bytes=${at}-${end - 1}` } },
        options,
      );
      const { skip, exact } = acceptRange(connection.response, file, at, end);
      let skipped = 0;
      for (;;) {
        const chunk = await connection.next();
        if (!chunk) break;
        const before = Math.min(chunk.length, skip - skipped);
        skipped += before;
        const bytes = chunk.subarray(before, before + end - at);
        if (bytes.length) {
          at += bytes.length;
          patience.progress();
          yield bytes;
          throwIfAborted(options.signal);
        }
        if (at < end) continue;
        if (exact && (chunk.length > before + bytes.length || (await connection.next())?.length))
          throw new CorruptFileError(
            `${file.url} sent more than the ${end - begin} bytes that were asked for. Check the server.`,
            {
              url: file.url,
              begin,
              end,
            },
          );
        return;
      }
      throw new Broken(`it ended after ${at - begin} of ${end - begin} bytes`);
    } catch (error) {
      connection?.close();
      await patience.after(error);
    } finally {
      connection?.close();
    }
  }
}

/** The answer's length; null if it is not stated or counts compressed bytes. */
export function lengthOf({ headers }: Response): number | null {
  const length = headers.get('content-length');
  if (length === null || !/^\d+$/.test(length) || headers.get('content-encoding')) return null;
  return Number.isSafeInteger(Number(length)) ? Number(length) : null;
}

/** Throws if the answer does not hold the bytes from `at`; else returns how many bytes come before them (`skip`), and
 *  whether the answer must end where they end (`exact`). */
function acceptRange(response: Response, file: RemoteFile, at: number, end: number): { skip: number; exact: boolean } {
  const { url, size } = file;
  if (response.status === 416) throw changed(file);
  refuse(response, file);
  const etag = response.headers.get('etag');
  if (file.etag && etag && etag !== file.etag) throw changed(file);
  if (response.status !== 206) return { skip: at, exact: end === size };
  const range = contentRange(response);
  if (!range) {
    // Another origin's Content-Range may be hidden. Its length is not, as a rule.
    const length = response.headers.get('content-length');
    if (length !== null && Number(length) > end - at) throw otherPart(url, at, end);
    return { skip: 0, exact: true };
  }
  if (range.size !== null && range.size !== size) throw changed(file);
  if (range.begin !== at) throw otherPart(url, at, end);
  return { skip: 0, exact: false };
}

/** Throws `Broken` for an answer that a retry may improve, a named error for one that it will not. */
export function refuse(response: Response, file: Pick<RemoteFile, 'url' | 'refusal'>): void {
  const { status, headers } = response;
  const { url } = file;
  if (response.ok) {
    if (headers.get('content-type')?.startsWith('text/html') && !new URL(url).pathname.endsWith('.html'))
      throw new MissingFileError(
        `${url} was answered with a web page. Check the address, and whether the network asks for a login first.`,
        { url },
      );
    return;
  }
  if (status === 429) throw new Limited('it answered 429', askedPause(headers));
  if (status >= 500 || status === 408 || status === 425) throw new Broken(`it answered ${status}`, askedPause(headers));
  // A redirect leads to an address that is signed for a short time; the first address gives a fresh one.
  if (status === 403 && response.url && new URL(response.url).origin !== new URL(url).origin)
    throw new Broken('its storage answered 403');
  const refusal = file.refusal(response);
  if (refusal) throw refusal;
  throw new MissingFileError(`${url} answered ${status} ${response.statusText}. Check the address and try again.`, {
    url,
    status,
  });
}

/** Parses Content-Range; null if it cannot be read. `begin` is null for `bytes * /size`. */
export function contentRange(response: Response): { begin: number | null; size: number | null } | null {
  const stated = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  if (!stated) return null;
  return {
    begin: stated[1] === undefined ? null : Number(stated[1]),
    size: stated[2] === '*' ? null : Number(stated[2]),
  };
}

function changed({ url, size }: RemoteFile): CorruptFileError {
  return new CorruptFileError(
    `${url} is no longer the file of ${size} bytes that it was a moment ago. Open it again.`,
    { url, size },
  );
}

export function otherPart(url: string, begin: number, end: number): MissingFileError {
  return new MissingFileError(`${url} answered with another part of the file than was asked for. Check the server.`, {
    url,
    begin,
    end,
  });
}
