/** The largest input to hash, in bytes, and so the largest file that is kept or read whole: a digest copies it, and
 *  blocks the worker for some 3 ms a megabyte. */
export const HASHED = 64e6;

/** SHA-256 in hex, as sha256sum prints it. Null for more than `HASHED` bytes, and without `crypto.subtle`, which a page
 *  has only over https or from localhost. */
export async function sha256(bytes: Uint8Array): Promise<string | null> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle || bytes.length > HASHED) return null;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** One hash for several files: the hash of the lines that `sha256sum` prints for them, in the order of their names.
 *  Null if a file has no hash. */
export async function sha256OfFiles(hashes: ReadonlyMap<string, string | null>): Promise<string | null> {
  const lines: string[] = [];
  for (const [name, hash] of [...hashes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (hash === null) return null;
    lines.push(`${hash}  ${name}\n`);
  }
  return sha256(new TextEncoder().encode(lines.join('')));
}
