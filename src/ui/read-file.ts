import { CorruptFileError } from '../lens/api/errors';
import { megabytes } from '../lens/maths/figures';

/** A chosen file's bytes. Does not read a file of more than `most` bytes at all, but throws CorruptFileError, which
 *  names it. */
export async function readFile(file: File, most: number): Promise<Uint8Array> {
  const { name, size } = file;
  if (size > most)
    throw new CorruptFileError(`${name} has ${megabytes(size)}; at most ${megabytes(most)} are read.`, { file: name });
  return new Uint8Array(await file.arrayBuffer());
}
