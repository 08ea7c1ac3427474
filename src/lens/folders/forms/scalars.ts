import { CorruptFileError } from '../../api/errors';
import { toFloat32 } from '../../formats/safetensors';
import { readRange } from '../../sources/read-range';
import type { Source, SourceFile, StreamOptions } from '../../sources/source';
import type { Stored } from './tensors';

/** Most bytes of numbers that are read before a dictionary is planned: one a feature of the widest. */
const MOST = 1 << 24;

/** Reads a tensor that is a single number, as a shape of [] or [1]; null if there is no such tensor. Throws
 *  CorruptFileError for one of another shape or type. */
export async function readScalar(
  source: Source,
  file: SourceFile,
  stored: Stored,
  name: string,
  options: StreamOptions = {},
): Promise<number | null> {
  const tensor = stored.get(name);
  if (!tensor) return null;
  if (tensor.shape.reduce((product, n) => product * n, 1) !== 1)
    throw new CorruptFileError(
      `${name} in ${file.path} has shape [${tensor.shape.join(', ')}], and must be one number.`,
      {
        file: file.path,
        tensor: name,
      },
    );
  return (await readNumbers(source, file, stored, name, options))[0]!;
}

/** Reads a short tensor of floats or whole numbers. */
export async function readNumbers(
  source: Source,
  file: SourceFile,
  stored: Stored,
  name: string,
  options: StreamOptions = {},
): Promise<number[]> {
  const { dtype, begin, end } = stored.get(name)!;
  if (end - begin > MOST)
    throw new CorruptFileError(`${name} in ${file.path} has ${end - begin} bytes, more than the ${MOST} allowed.`, {
      file: file.path,
      tensor: name,
    });
  const bytes = await readRange(source, file, begin, end, options);
  const view = new DataView(bytes.buffer);
  const each = (size: number, read: (at: number) => number) =>
    Array.from({ length: bytes.length / size }, (_, i) => read(i * size));
  switch (dtype) {
    case 'F64':
      return each(8, (at) => view.getFloat64(at, true));
    case 'I64':
      return each(8, (at) => Number(view.getBigInt64(at, true)));
    case 'I32':
      return each(4, (at) => view.getInt32(at, true));
    default:
      return [...toFloat32(bytes, dtype, name)];
  }
}
