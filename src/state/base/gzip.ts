import { CorruptFileError } from '../../lens/api/errors';
import { megabytes } from '../../lens/maths/figures';

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** The first `most` bytes of what a gzipped file holds, as far as they can be unpacked. */
export async function gunzipHead(file: Blob, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = unpacking(file);
  try {
    while (size < most) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      size += value.length;
    }
  } catch {
    // What came before the damage may tell what the file is.
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return joined(pieces).subarray(0, most);
}

/** What a gzipped file holds. Throws CorruptFileError where it is damaged, and as soon as it has unpacked more than
 *  `most` bytes. */
export async function gunzip(file: Blob, name: string, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = unpacking(file);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return joined(pieces);
      size += value.length;
      if (size > most) break;
      pieces.push(value);
    }
  } catch {
    throw new CorruptFileError(`${name} is a damaged gzip file. Download it again.`, { file: name });
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  throw new CorruptFileError(`${name} unpacks to more than ${megabytes(most)}. It is not read.`, { file: name });
}

const unpacking = (file: Blob): ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> =>
  file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
