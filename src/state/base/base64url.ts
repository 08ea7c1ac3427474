/** Base64 in the alphabet that addresses have, without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** The bytes that can be read of it; `whole`: nothing was left out. */
export function fromBase64Url(packed: string): { bytes: Uint8Array<ArrayBuffer>; whole: boolean } {
  const known = packed.replaceAll(/[^A-Za-z0-9_-]/g, '');
  // One character beyond a multiple of four holds no whole byte.
  const full = known.length % 4 === 1 ? known.slice(0, -1) : known;
  const bytes = Uint8Array.from(atob(full.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  return { bytes, whole: full.length === packed.replace(/=+$/, '').length };
}
