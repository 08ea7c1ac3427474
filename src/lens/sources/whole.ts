import { Connection } from './connection';
import type { FilePart, ReadOptions } from './folder';
import { LARGEST, refuseLonger } from './reads';
import { contentRange, lengthOf, otherPart, type RemoteFile, refuse, remoteBytes } from './remote';
import { Broken, type ConnectionOptions, patiently } from './retry';

/** A file of which only the address is known. */
interface AskedFile extends Pick<RemoteFile, 'url' | 'refusal'> {
  /** Whether an answer means that the file does not exist. */
  missing: (response: Response) => boolean;
}

/** Reads a whole file of unknown length in one request; null if it does not exist. After a broken connection it
 *  continues at the same byte if the first answer had an ETag and a length; else it reads the file anew. */
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

/** Reads the bytes [begin, end) of a file in one request. Returns fewer if the file ends earlier, the whole file if the
 *  server gives no parts, null if the file does not exist. */
export function readPart(
  file: AskedFile,
  begin: number,
  end: number,
  options: ConnectionOptions & Pick<ReadOptions, 'onBytes'>,
): Promise<FilePart | null> {
  return answered(file, { range: `bytes=${begin}-${end - 1}` }, options, async (connection) => {
    const { response } = connection;
    // Another origin may hide the header; then the part is assumed to be the right one.
    const stated = contentRange(response);
    const size = stated?.size ?? null;
    if (response.status === 416) return { bytes: new Uint8Array(0), begin, size };
    const body = new Body(file.url, lengthOf(response) ?? 0, options);
    await body.fill(connection);
    const bytes = body.bytes();
    if (response.status !== 206) return { bytes, begin: 0, size: bytes.length };
    // Some servers answer `0-0` with the whole file, and Content-Range says so.
    if (stated ? stated.begin !== begin : bytes.length > end - begin) throw otherPart(file.url, begin, end);
    return { bytes: bytes.subarray(0, end - begin), begin, size };
  });
}

/** Asks until patience ends, and returns the result of `take` on the answer; null if the file is missing. */
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

/** The body of an answer. Its stated length may be wrong: with a hidden Content-Encoding it counts compressed bytes. */
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

  /** Throws `Broken` if the body has fewer bytes than stated. */
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
