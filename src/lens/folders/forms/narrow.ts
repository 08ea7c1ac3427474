import { UnsupportedModelError } from '../../api/errors';
import { withFile } from '../../formats/memory-file';
import { SIZES } from '../../formats/safetensors';
import { readRange } from '../../sources/read-range';
import { LARGEST } from '../../sources/reads';
import type { Source, SourceFile, StreamOptions } from '../../sources/source';
import { refuseSharedBytes, type Stored } from './tensors';

/** A weights' file, where its tensors lie, and the source to read it from. */
export interface Readable {
  file: SourceFile;
  stored: Stored;
  source: Source;
}

/** A file as it is to be planned. */
interface Narrowed extends Readable {
  /** For DictionaryPlan: the source where it is not the one that was given. */
  copy: { source?: Source };
}

/** Rounds tensors of float64, as NumPy has them where nobody asked for less, to float32: the file is then read into
 *  memory, up to 1 GiB. Any other file stays as it is. `copied`: the given source is a copy in memory already. Throws UnsupportedModelError for larger ones. */
export async function narrowed(of: Readable & { copied?: boolean }, options: StreamOptions = {}): Promise<Narrowed> {
  const { file, stored, source, copied = false } = of;
  // A single number stays: a threshold may be float64 by design.
  const wide = [...stored].filter(([, { dtype, shape }]) => dtype === 'F64' && shape.length > 0);
  if (wide.length === 0) return { file, stored, source, copy: copied ? { source } : {} };
  refuseSharedBytes(file.path, [...stored.values()]);
  if (file.size > LARGEST)
    throw new UnsupportedModelError(
      `${wide[0]![0]} in ${file.path} is stored as F64, in a file of ${file.size} bytes; at most ${LARGEST} can be rounded. Save it as float32.`,
      { file: file.path, bytes: file.size },
    );
  const bytes = await readRange(source, file, 0, file.size, options);
  const view = new DataView(bytes.buffer);
  const narrow = new Map(stored);
  for (const [name, tensor] of wide) {
    // Each number takes the first half of the room that its double had, from the front on.
    const { begin, end } = tensor;
    const count = (end - begin) / SIZES.F64!;
    for (let i = 0; i < count; i++) view.setFloat32(begin + 4 * i, view.getFloat64(begin + 8 * i, true), true);
    narrow.set(name, { ...tensor, dtype: 'F32', end: begin + 4 * count });
  }
  const inMemory = { ...file, sha256: null };
  const copy = withFile(source, inMemory, bytes);
  return { file: inMemory, stored: narrow, source: copy, copy: { source: copy } };
}
