import { CorruptFileError, ShapeMismatchError, UnsupportedModelError } from '../api/errors';
import { asUint16, bfloat16ToFloat32, float16ToFloat32 } from './halves';
import { JsonObject, parseJson, shown } from './json';
import { topLevelKeys } from './json-keys';

/** One tensor of a safetensors file; `bytes` is a view into the file. */
export interface StoredTensor {
  dtype: string;
  shape: number[];
  bytes: Uint8Array;
}

const MAX_HEADER = 100_000_000;
const METADATA = '__metadata__';

/** Bytes of one number, by dtype. */
export const SIZES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
};

/** Parses a safetensors file: 8 bytes of header length, a JSON header, then the data, which the tensors must fill
 *  without overlap or holes (the format's own rule). Trusts nothing in it and copies nothing. Throws CorruptFileError
 *  with tensor and reason. */
export function parseSafetensors(file: Uint8Array, name: string): Map<string, StoredTensor> {
  const dataStart = dataStartOf(file, name);
  if (dataStart > file.length)
    throw corrupt(name, `is cut off: its header needs ${dataStart} bytes and the file has ${file.length}`);
  const data = file.subarray(dataStart);
  const { entries } = parseHeader(file.subarray(8, dataStart), data.length, name);
  return new Map(
    Array.from(entries, ([tensor, { dtype, shape, begin, end }]) => [
      tensor,
      { dtype, shape, bytes: data.subarray(begin, end) },
    ]),
  );
}

/** Where a tensor lies; positions count from the start of the data. */
export interface TensorEntry {
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

export interface Header {
  entries: Map<string, TensorEntry>;
  /** The contents of `__metadata__`, unchecked. */
  metadata: unknown;
}

/** The position where the data begins, from the file's first 8 bytes. */
export function dataStartOf(file: Uint8Array, name: string): number {
  if (file.length < 8) throw corrupt(name, `has ${file.length} bytes and so no header`);
  const headerLength = new DataView(file.buffer, file.byteOffset, file.byteLength).getBigUint64(0, true);
  if (headerLength > MAX_HEADER)
    throw corrupt(name, `states a header of ${headerLength} bytes, more than the ${MAX_HEADER} that are allowed`);
  return 8 + Number(headerLength);
}

/** Parses the JSON header and checks it against the length of the data after it. A null length is unknown: the data
 *  then end with the last tensor. */
export function parseHeader(bytes: Uint8Array, dataLength: number | null, name: string): Header {
  const header = new JsonObject(parseJson(bytes, `${name} (header)`), `${name} (header)`);
  refuseDuplicates(bytes, name);
  const entries = new Map<string, TensorEntry>();
  for (const [tensor, value] of header.entries()) {
    if (tensor !== METADATA)
      entries.set(tensor, parseEntry(tensor, value, dataLength ?? Number.MAX_SAFE_INTEGER, name));
  }
  refuseOverlapAndHoles(entries, dataLength, name);
  return { entries, metadata: header.get(METADATA) };
}

/** Copies a U8, U16 or U32 tensor, at any byte offset, into an array of numbers. Throws UnsupportedModelError for other
 *  types. */
export function toIntegers({ dtype, bytes }: StoredTensor, name: string): Uint8Array | Uint16Array | Uint32Array {
  if (dtype === 'U8') return bytes.slice();
  if (dtype === 'U16') return new Uint16Array(bytes.slice().buffer);
  if (dtype === 'U32') return new Uint32Array(bytes.slice().buffer);
  throw new UnsupportedModelError(`${name} is stored as ${dtype}, where whole numbers are asked for: U8, U16 or U32.`, {
    tensor: name,
    dtype,
  });
}

/** Copies an F32, F16 or BF16 tensor, at any byte offset, into float32, exactly. Throws UnsupportedModelError for other
 *  types. */
export function toFloat32(bytes: Uint8Array, dtype: string, name: string): Float32Array {
  if (dtype === 'F32') return new Float32Array(bytes.slice().buffer);
  if (dtype === 'F16') return float16ToFloat32(asUint16(bytes));
  if (dtype === 'BF16') return bfloat16ToFloat32(asUint16(bytes));
  throw new UnsupportedModelError(`${name} is stored as ${dtype}. Lenslet reads F32, F16 and BF16 weights.`, {
    tensor: name,
    dtype,
  });
}

/** The tensors of a checkpoint, over all of its files. Asking for a missing tensor throws CorruptFileError. */
export interface Weights {
  has(name: string): boolean;
  /** As stored: 'F32', 'F16', 'BF16', ... */
  dtype(name: string): string;
  /** Returns a new array. Throws what `expectShape` throws, and UnsupportedModelError for types other than F32, F16,
   *  BF16. */
  float32(name: string, expectedShape: number[]): Float32Array;
  /** Throws ShapeMismatchError, naming tensor and both shapes, unless the stored shape is `expectedShape`. */
  expectShape(name: string, expectedShape: number[]): void;
  /** The stored bytes: a view, at any offset. */
  raw(name: string): Uint8Array;
}

/** The tensors of one safetensors file that is in memory. */
export function weightsOf(tensors: Map<string, StoredTensor>, file: string): Weights {
  const find = (name: string): StoredTensor => {
    const tensor = tensors.get(name);
    if (!tensor)
      throw new CorruptFileError(`${file} has no tensor ${name}, which the model needs.`, { file, tensor: name });
    return tensor;
  };
  const expectShape = (name: string, expected: number[]): void => {
    const { shape } = find(name);
    if (shape.length === expected.length && shape.every((n, i) => n === expected[i])) return;
    const asked = `[${shape.join(', ')}], but the configuration asks for [${expected.join(', ')}]`;
    throw new ShapeMismatchError(
      `${name} in ${file} has shape ${asked}. Weights and configuration are of different models.`,
      {
        tensor: name,
        shape,
        expected,
      },
    );
  };
  return {
    has: (name) => tensors.has(name),
    dtype: (name) => find(name).dtype,
    raw: (name) => find(name).bytes,
    expectShape,
    float32(name, expectedShape) {
      expectShape(name, expectedShape);
      return toFloat32(find(name).bytes, find(name).dtype, name);
    },
  };
}

function parseEntry(tensor: string, value: unknown, dataLength: number, file: string): TensorEntry {
  const fail = (why: string) => corrupt(file, `tensor ${short(tensor)} ${why}`, tensor);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fail('is not described by an object');
  const entry = new JsonObject(value, file);
  const dtype = entry.get('dtype');
  const size = typeof dtype === 'string' && Object.hasOwn(SIZES, dtype) ? SIZES[dtype]! : 0;
  if (typeof dtype !== 'string' || size === 0) throw fail(`has the unknown dtype ${shown(dtype)}`);
  const shape = entry.get('shape');
  if (!isSizes(shape)) throw fail('has a shape that is no list of sizes');
  const offsets = entry.get('data_offsets');
  if (!isSizes(offsets) || offsets.length !== 2) throw fail('has data_offsets that are not two positions');
  const [begin, end] = offsets as [number, number];
  if (begin > end) throw fail(`ends at ${end} before it begins at ${begin}`);
  if (end > dataLength) throw fail(`ends at ${end}, outside the ${dataLength} bytes of data (is the file cut off?)`);
  const bytes = shape.reduce((product, n) => product * n, size);
  if (bytes !== end - begin)
    throw fail(
      `of shape [${shape.slice(0, 8).join(', ')}] and ${dtype} needs ${bytes} bytes, but its offsets hold ${end - begin}`,
    );
  return { dtype, shape, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function refuseDuplicates(header: Uint8Array, file: string): void {
  const seen = new Set<string>();
  for (const key of topLevelKeys(new TextDecoder().decode(header))) {
    if (seen.has(key)) throw corrupt(file, `tensor ${short(key)} stands in the header twice`, key);
    seen.add(key);
  }
}

function refuseOverlapAndHoles(entries: Map<string, TensorEntry>, dataLength: number | null, file: string): void {
  const ranges = [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const [tensor, { begin, end }] of ranges) {
    if (begin < at)
      throw corrupt(file, `tensor ${short(tensor)} begins at ${begin}, inside the tensor that ends at ${at}`, tensor);
    if (begin > at) throw corrupt(file, `no tensor holds the ${begin - at} bytes before ${short(tensor)}`, tensor);
    at = end;
  }
  if (dataLength !== null && at !== dataLength)
    throw corrupt(file, `no tensor holds the last ${dataLength - at} bytes`);
}

function corrupt(file: string, why: string, tensor?: string): CorruptFileError {
  return new CorruptFileError(
    `${file} is damaged: ${why}. Download it again.`,
    tensor === undefined ? { file } : { file, tensor: short(tensor) },
  );
}

function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
