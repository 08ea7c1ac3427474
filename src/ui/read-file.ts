import { CorruptFileError } from '../lens/api/errors';

/** A chosen file's bytes. One of more than `most` is not read at all, whatever is in it: CorruptFileError, which names
 *  it. */
export async function readFile(file: File, most: number): Promise<Uint8Array> {
  const { name, size } = file;
  if (size > most)
    throw new CorruptFileError(
      `${name} has ${(size / 1e6).toFixed(0)} MB; at most ${(most / 1e6).toFixed(0)} MB are read.`,
      { file: name },
    );
  return new Uint8Array(await file.arrayBuffer());
}
