import { deflateRawSync } from 'node:zlib';
import { joined, le, type ZipPart, zipOf } from './torch-file';

/** A `.npy` file of this header's text, as NumPy pads it, and these numbers. */
export function npyOf(
  header: string,
  data: Uint8Array,
  { version = 1, length }: { version?: number; length?: number } = {},
) {
  const padded = `${header.padEnd(117)}\n`;
  const size = le(length ?? padded.length, version === 1 ? 2 : 4);
  return joined([0x93, ...[...'NUMPY'].map((c) => c.charCodeAt(0)), version, 0], size, padded, data);
}

/** A header as NumPy writes it. */
export const npyHeader = (descr: string, shape: readonly number[], fortran = false): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.map((n) => `${n},`).join(' ')}), }`;

/** An array of zeros. */
export function zeros(descr: string, shape: readonly number[], fortran = false): Uint8Array<ArrayBuffer> {
  const size = Number(descr.slice(2)) * shape.reduce((product, n) => product * n, 1);
  return npyOf(npyHeader(descr, shape, fortran), new Uint8Array(size));
}

/** An `.npz` file of these `.npy` files. */
export function npzOf(arrays: Record<string, Uint8Array>, { deflated = false } = {}): Uint8Array<ArrayBuffer> {
  const parts = Object.entries(arrays).map(([name, bytes]): ZipPart => {
    if (!deflated) return { name: `${name}.npy`, bytes };
    return { name: `${name}.npy`, bytes: deflateRawSync(bytes), says: { method: 8, inflated: bytes.length } };
  });
  return zipOf(parts, { zip64: false });
}
