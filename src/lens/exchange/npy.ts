const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];
/** Bytes before the header's text: magic, version, and two bytes for its length. */
const BEFORE = MAGIC.length + 2;

/** Writes numbers as a NumPy file, format 1.0: `numpy.load` returns a float32 array of shape [values.length]. */
export function npy(values: Float32Array): Uint8Array {
  const described = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values.length},), }`;
  // The data must begin at a multiple of 64, after a newline.
  const begin = Math.ceil((BEFORE + described.length + 1) / 64) * 64;
  const text = `${described.padEnd(begin - BEFORE - 1)}\n`;
  const bytes = new Uint8Array(begin + values.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint16(MAGIC.length, text.length, true);
  bytes.set(new TextEncoder().encode(text), BEFORE);
  for (const [i, value] of values.entries()) view.setFloat32(begin + 4 * i, value, true);
  return bytes;
}
