import { CorruptFileError } from '../api/errors';
import type { Source, SourceFile, StreamOptions } from './source';

/** Reads the bytes [begin, end) of a file into new memory. A range outside the file throws CorruptFileError before
 *  anything is allocated: readers take positions from the file itself, so the file is wrong. */
export async function readRange(
  source: Source,
  file: SourceFile,
  begin: number,
  end: number,
  options: StreamOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { path, size } = file;
  if (!(Number.isSafeInteger(begin) && Number.isSafeInteger(end) && begin >= 0 && begin <= end && end <= size)) {
    throw new CorruptFileError(
      `${path} is damaged or cut off: it asks for bytes ${begin} to ${end} of its ${size}. Download it again.`,
      { file: path },
    );
  }
  const bytes = new Uint8Array(end - begin);
  let at = 0;
  if (begin < end) {
    for await (const piece of source.stream(path, begin, end, options)) {
      if (at + piece.length > bytes.length) throw changed(path, end - begin, at + piece.length);
      bytes.set(piece, at);
      at += piece.length;
    }
  }
  if (at !== bytes.length) throw changed(path, end - begin, at);
  return bytes;
}

function changed(file: string, asked: number, got: number): CorruptFileError {
  return new CorruptFileError(
    `${file} gave ${got} bytes where ${asked} were asked for. Its source changed or is broken: open it again.`,
    { file },
  );
}
