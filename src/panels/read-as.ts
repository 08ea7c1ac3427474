import type { FileKind } from '../state/base/what-is';
import { readFile } from '../ui/read-file';

/** A chosen file's bytes, unpacked where it is gzipped. Throws WrongFileError, which says what the file is, for one of
 *  another kind, whatever its size; else as `readFile`. */
export async function readAs(
  file: File,
  kind: Exclude<FileKind, 'other' | 'dictionary'>,
  most: number,
): Promise<Uint8Array> {
  const { refusedAs, WrongFileError, whatFile } = await import('../state/base/what-is');
  const refused = refusedAs(await whatFile(file), file.name, kind);
  if (refused) throw new WrongFileError(refused, { file: file.name });
  const bytes = await readFile(file, most);
  const { gunzip, isGzip } = await import('../state/base/gzip');
  return isGzip(bytes) ? gunzip(file, file.name, most) : bytes;
}
