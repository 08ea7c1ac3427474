import { CorruptFileError, type LensError, MissingFileError, throwIfAborted } from '../api/errors';
import { Connection } from './connection';
import { askedPause, Broken, type ConnectionOptions, Limited, Patience } from './retry';

/** A file behind an address, as far as it is known. */
export interface RemoteFile {
  url: string;
  headers?: Record<string, string>;
  size: number;
  /** Of the answer that said the size: a later answer with another one is of another file. Null where none was said, or
   *  none can be read. */
  etag?: string | null;
  /** What an answer of 4xx means here; null: no more than that the file could not be fetched. */
  refusal: (response: Response) => LensError | null;
}

/** The bytes [begin, end) of a file, exactly so many and in order. Every request says the range that is still missing;
 *  an answer of another place, of another length or of another version of the file is refused, and a whole file where a
 *  part was asked for is read up to the part. */
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

/** Null where it is not stated, or is that of compressed bytes. */
export function lengthOf({ headers }: Response): number | null {
  const length = headers.get('content-length');
  if (length === null || !/^\d+$/.test(length) || headers.get('content-encoding')) return null;
  return Number.isSafeInteger(Number(length)) ? Number(length) : null;
}

/** Throws where the answer does not hold the bytes from `at`; else how many of its bytes come before them. `exact`: it
 *  must end where they end. */
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

/** Throws `Broken` for an answer that may be better next time, a named error for one that will not. */
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
  // The address that a redirect leads to is signed for a short time; asked again, the first address gives a new one.
  if (status === 403 && response.url && new URL(response.url).origin !== new URL(url).origin)
    throw new Broken('its storage answered 403');
  const refusal = file.refusal(response);
  if (refusal) throw refusal;
  throw new MissingFileError(`${url} answered ${status} ${response.statusText}. Check the address and try again.`, {
    url,
    status,
  });
}

/** What Content-Range says; null where it says nothing that can be read. `begin` is null for `bytes * /size`. */
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
