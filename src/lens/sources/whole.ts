import { Connection } from './connection';
import type { FilePart, ReadOptions } from './folder';
import { LARGEST, refuseLonger } from './reads';
import { contentRange, lengthOf, otherPart, type RemoteFile, refuse, remoteBytes } from './remote';
import { Broken, type ConnectionOptions, patiently } from './retry';

/** A file that is asked for before anything is known of it. */
interface AskedFile extends Pick<RemoteFile, 'url' | 'refusal'> {
  /** Whether an answer means that there is no such file. */
  missing: (response: Response) => boolean;
}

/** A whole file in one request, of a length that need not be known; null where there is none. A connection that breaks
 *  is taken up where it broke, where the answer said which version of the file it is; else the file is read anew. */
export function readWhole(
  file: AskedFile,
  options: ConnectionOptions,
  reading: Pick<ReadOptions, 'onBytes' | 'most'> = {},
): Promise<Uint8Array | null> {
  return answered(file, {}, options, async (connection) => {
    const { response } = connection;
    const size = lengthOf(response) ?? 0;
    const etag = response.headers.get('etag');
    const body = new Body(file.url, size, reading);
    try {
      await body.fill(connection);
    } catch (error) {
      if (!(error instanceof Broken) || !etag || body.loaded >= size) throw error;
      const rest = remoteBytes({ url: file.url, size, etag, refusal: file.refusal }, body.loaded, size, options);
      for await (const chunk of rest) body.add(chunk);
    }
    return body.bytes();
  });
}

/** The bytes [begin, end) of a file in one request: fewer where it ends before, the whole of it from a server that gives
 *  no parts; null where there is no such file. */
export function readPart(
  file: AskedFile,
  begin: number,
  end: number,
  options: ConnectionOptions & Pick<ReadOptions, 'onBytes'>,
): Promise<FilePart | null> {
  return answered(file, { range: `bytes=${begin}-${end - 1}` }, options, async (connection) => {
    const { response } = connection;
    // Another origin's header may be hidden; then the part is taken to be the one that was asked for.
    const stated = contentRange(response);
    const size = stated?.size ?? null;
    if (response.status === 416) return { bytes: new Uint8Array(0), begin, size };
    const body = new Body(file.url, lengthOf(response) ?? 0, options);
    await body.fill(connection);
    const bytes = body.bytes();
    if (response.status !== 206) return { bytes, begin: 0, size: bytes.length };
    // Some servers answer `0-0` with everything, and say so.
    if (stated ? stated.begin !== begin : bytes.length > end - begin) throw otherPart(file.url, begin, end);
    return { bytes: bytes.subarray(0, end - begin), begin, size };
  });
}

/** What `take` makes of an answer, asked for until patience ends. */
function answered<T>(
  file: AskedFile,
  headers: Record<string, string>,
  options: ConnectionOptions,
  take: (connection: Connection) => Promise<T>,
): Promise<T | null> {
  return patiently(file.url, options, async () => {
    const connection = await Connection.open(file.url, { headers }, options);
    try {
      if (file.missing(connection.response)) return null;
      if (!(headers.range && connection.response.status === 416)) refuse(connection.response, file);
      return await take(connection);
    } finally {
      connection.close();
    }
  });
}

/** Room for the first bytes of an answer that does not say its length. */
const FIRST_BYTES = 1 << 16;

/** The body of an answer, whose stated length may be wrong: that of compressed bytes behind a header that is hidden. */
class Body {
  loaded = 0;
  #bytes: Uint8Array;

  constructor(
    private readonly url: string,
    private readonly total: number,
    private readonly reading: Pick<ReadOptions, 'onBytes' | 'most'>,
  ) {
    refuseLonger(url, total, this.most);
    this.#bytes = new Uint8Array(total || FIRST_BYTES);
  }

  private get most(): number {
    return Math.min(LARGEST, this.reading.most ?? LARGEST);
  }

  /** Throws `Broken` for fewer bytes than were stated. */
  async fill(connection: Connection): Promise<void> {
    for (let chunk = await connection.next(); chunk; chunk = await connection.next()) this.add(chunk);
    if (this.loaded < this.total) throw new Broken(`it ended after ${this.loaded} of ${this.total} bytes`);
  }

  add(chunk: Uint8Array): void {
    refuseLonger(this.url, this.loaded + chunk.length, this.most);
    if (this.loaded + chunk.length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.loaded + chunk.length));
      larger.set(this.#bytes.subarray(0, this.loaded));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.loaded);
    this.loaded += chunk.length;
    this.reading.onBytes?.(this.loaded, this.total >= this.loaded ? this.total : 0);
  }

  bytes(): Uint8Array {
    return this.loaded === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.loaded);
  }
}
