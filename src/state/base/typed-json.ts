/** JSON with typed arrays: each becomes its bytes, little-endian, in base64 under the name of its type. Exact, NaN
 *  included. For files that the build itself holds: what comes from elsewhere goes through a parser. */

const TYPES = { f32: Float32Array, u32: Uint32Array, u8: Uint8Array } as const;
type Name = keyof typeof TYPES;

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function pack(_key: string, value: unknown): unknown {
  for (const [name, type] of Object.entries(TYPES)) {
    if (value instanceof type)
      return { [name]: base64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
  }
  return value;
}

function unpack(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpack);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only && only[0] in TYPES && typeof only[1] === 'string') {
    const bytes = Uint8Array.from(atob(only[1]), (c) => c.charCodeAt(0));
    return new TYPES[only[0] as Name](bytes.buffer);
  }
  return Object.fromEntries(entries.map(([key, part]) => [key, unpack(part)]));
}

export const toTypedJson = (value: unknown): string => JSON.stringify(value, pack);

/** The value of a parsed text that `toTypedJson` wrote, as the type that it had. */
export const fromTypedJson = <T>(json: unknown): T => unpack(json) as T;
