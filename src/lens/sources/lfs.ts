import { LfsPointerError } from '../api/errors';
import { bytesSay } from '../maths/figures';

/** How a Git LFS pointer begins (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md). */
const BEGINS = new TextEncoder().encode('version https://git-lfs.github.com/spec/');
/** A pointer's most, by the specification. */
const LONGEST = 1024;

/** Throws LfsPointerError if `bytes`, with which the file begins, are of a Git LFS pointer: the note that a repository
 *  keeps in a large file's place until it is fetched. */
export function refuseLfsPointer(bytes: Uint8Array, path: string, folder: string): void {
  if (bytes.length < BEGINS.length || !BEGINS.every((byte, i) => bytes[i] === byte)) return;
  const text = new TextDecoder().decode(bytes.subarray(0, LONGEST));
  const size = /^size (\d{1,15})$/m.exec(text)?.[1];
  const meant = size === undefined ? '' : ` of ${bytesSay(Number(size))}`;
  throw new LfsPointerError(
    `${path} in ${folder} is a Git LFS pointer, which stands in place of the file${meant}. Run \`git lfs pull\` in that folder, and open it again.`,
    { path, folder, size: size === undefined ? null : Number(size) },
  );
}
