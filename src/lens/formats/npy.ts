import { CorruptFileError, UnsupportedModelError } from '../api/errors';

/** An array's description at the head of a `.npy` file (NumPy's format, versions 1 to 3). */
export interface NpyHeader {
  /** safetensors' name for the type. */
  dtype: string;
  shape: number[];
  /** Column after column instead of row after row. */
  byColumns: boolean;
  /** Where the numbers begin. */
  dataStart: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Bytes that hold any header of an array of numbers; NumPy's own take 128. */
export const NPY_HEAD = 1024;
const DTYPES: Readonly<Record<string, string>> = {
  '<f2': 'F16',
  '<f4': 'F32',
  '<f8': 'F64',
  '<i2': 'I16',
  '<i4': 'I32',
  '<i8': 'I64',
  '|i1': 'I8',
  '|u1': 'U8',
  '|b1': 'BOOL',
};

/** Parses the head of a `.npy` file. `name` is for errors. Throws CorruptFileError, and UnsupportedModelError for types
 *  other than little-endian numbers: nothing in it is evaluated. */
export function parseNpyHeader(bytes: Uint8Array, name: string): NpyHeader {
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte)) throw corrupt(name, 'does not begin as one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (version < 1 || version > 3 || bytes[7] !== 0) throw corrupt(name, `is of version ${version}.${bytes[7]}`);
  const begin = version === 1 ? 10 : 12;
  const dataStart = begin + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataStart > Math.min(NPY_HEAD, bytes.length)) throw corrupt(name, `has a header of ${dataStart} bytes`);
  const header = new TextDecoder('latin1').decode(bytes.subarray(begin, dataStart));
  const { descr, fortran, shape } = fieldsOf(header, name);
  const dtype = Object.hasOwn(DTYPES, descr) ? DTYPES[descr]! : null;
  if (dtype === null)
    throw new UnsupportedModelError(
      `${name} holds numbers of the type ${JSON.stringify(descr)}. Lenslet reads little-endian float16, float32 and float64.`,
      { file: name, dtype: descr },
    );
  return { dtype, shape, byColumns: fortran && shape.length > 1, dataStart };
}

const FIELD = /^\s*'(descr|fortran_order|shape)'\s*:\s*(?:'([^']{1,40})'|(True|False)|\(([\d\s,]*)\))\s*(?:,|$)/;

/** The three fields of the dict, each once. A type that is a list of fields is none of these forms. */
function fieldsOf(header: string, name: string): { descr: string; fortran: boolean; shape: number[] } {
  let rest = /^\s*\{(.*)\}\s*$/s.exec(header)?.[1];
  const found = new Map<string, RegExpExecArray>();
  while (rest !== undefined && rest.trim() !== '') {
    const field = FIELD.exec(rest);
    if (!field || found.has(field[1]!)) throw corrupt(name, `has the header ${JSON.stringify(header.slice(0, 200))}`);
    found.set(field[1]!, field);
    rest = rest.slice(field[0].length);
  }
  const [descr, fortran, sizes] = [found.get('descr')?.[2], found.get('fortran_order')?.[3], found.get('shape')?.[4]];
  if (descr === undefined || fortran === undefined || sizes === undefined)
    throw corrupt(name, `has the header ${JSON.stringify(header.slice(0, 200))}`);
  const shape = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  if (shape.length > 8 || !Number.isSafeInteger(shape.reduce((product, n) => product * n, 1)))
    throw corrupt(name, `states the shape (${sizes.slice(0, 80)})`);
  return { descr, fortran: fortran === 'True', shape };
}

function corrupt(name: string, why: string): CorruptFileError {
  return new CorruptFileError(`${name} is no array of NumPy's: it ${why}. Download it again.`, { file: name });
}
