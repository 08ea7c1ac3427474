/** The largest file that is hashed: a digest takes a copy of it, and some 3 ms a megabyte in which the worker does
 *  nothing else. */
const HASHED = 64e6;

/** SHA-256 in hex, as sha256sum prints it. Null where it is not taken: of more than `HASHED` bytes, or without
 *  `crypto.subtle`, which a page has only over https or from localhost. */
export async function sha256(bytes: Uint8Array): Promise<string | null> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle || bytes.length > HASHED) return null;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** One hash for several files, from their names and hashes: that of the lines which `sha256sum` prints for them in the
 *  order of their names. Null where one of them has none. */
export async function sha256OfFiles(hashes: ReadonlyMap<string, string | null>): Promise<string | null> {
  const lines: string[] = [];
  for (const [name, hash] of [...hashes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (hash === null) return null;
    lines.push(`${hash}  ${name}\n`);
  }
  return sha256(new TextEncoder().encode(lines.join('')));
}
