import type { FileKind } from '../state/base/what-is';
import { readFile } from '../ui/read-file';

/** A chosen file's bytes. Throws WrongFileError, which says what the file is, for one of another kind, whatever its
 *  size; else as `readFile`. */
export async function readAs(
  file: File,
  kind: Exclude<FileKind, 'other' | 'dictionary'>,
  most: number,
): Promise<Uint8Array> {
  const { HEAD, refusedAs, WrongFileError, whatIs } = await import('../state/base/what-is');
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const refused = refusedAs(whatIs(head, file.name), file.name, kind);
  if (refused) throw new WrongFileError(refused, { file: file.name });
  return readFile(file, most);
}
