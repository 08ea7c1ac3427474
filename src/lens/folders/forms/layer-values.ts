import { CorruptFileError, UnsupportedModelError } from '../../api/errors';
import type { TorchFile } from '../../formats/torch-file';
import type { Source, SourceFile, StreamOptions } from '../../sources/source';
import { readScalar } from './scalars';
import type { Stored } from './tensors';

/** What a layer's file holds, and where to read its numbers from. */
export interface LayerContent {
  file: SourceFile;
  stored: Stored;
  /** Numbers, texts and flags of its dict. */
  values: TorchFile['values'];
  source: Source;
}

/** Values that tell of the training and change nothing that a dictionary computes. */
const FACTS: ReadonlySet<string> = new Set(['tokens', 'step', 'steps', 'epoch', 'seed', 'model', 'model_name', 'name']);
/** Values that repeat what tensors and names say. */
const SIZES: Readonly<Record<string, 'layer' | 'd' | 'width'>> = {
  ...{ layer: 'layer', width: 'width', d_sae: 'width', dict_size: 'width' },
  ...{ d: 'd', d_in: 'd', d_model: 'd', activation_dim: 'd' },
};

/** Throws UnsupportedModelError if a file holds a number, text or flag that is not among `known`, which could change the
 *  computation as a tensor could, and CorruptFileError if one contradicts its tensors or its name. */
export function checkValues(
  { file: { path }, values }: LayerContent,
  known: readonly string[],
  sizes: Readonly<Record<'layer' | 'd' | 'width', number>>,
): void {
  const others = [...values.keys()].filter((key) => !known.includes(key) && !FACTS.has(key));
  const unknown = others.filter((key) => !Object.hasOwn(SIZES, key)).map((key) => key.slice(0, 80));
  if (unknown.length > 0)
    throw new UnsupportedModelError(
      `${path} holds ${unknown
        .slice(0, 8)
        .map((key) => JSON.stringify(key))
        .join(', ')} beside its tensors, which could change what the dictionary computes.`,
      { file: path, key: unknown[0], keys: unknown.slice(0, 8) },
    );
  for (const key of others) {
    const is = sizes[SIZES[key]!];
    if (values.get(key) !== is)
      throw new CorruptFileError(
        `${path} contradicts itself: ${JSON.stringify(key)} is ${String(values.get(key)).slice(0, 40)}, and by its tensors and name it is ${is}.`,
        { file: path, key },
      );
  }
}

/** A number of the dict, as Python's or as a tensor of one; null if it has none of that name. Throws CorruptFileError
 *  for anything else of that name. */
export async function numberIn(
  { file, stored, values, source }: LayerContent,
  key: string,
  options: StreamOptions,
): Promise<number | null> {
  const value = values.get(key);
  if (value === undefined) return readScalar(source, file, stored, key, options);
  if (typeof value === 'number') return value;
  throw new CorruptFileError(`${file.path}: ${JSON.stringify(key)} must be a number.`, { file: file.path, key });
}

/** The k that a file states; null if it states none. Throws CorruptFileError unless it is one that a dictionary of that
 *  width can have. */
export async function kIn(content: LayerContent, width: number, options: StreamOptions): Promise<number | null> {
  const k = await numberIn(content, 'k', options);
  if (k === null || (Number.isInteger(k) && k >= 1 && k <= width)) return k;
  const { path } = content.file;
  throw new CorruptFileError(`${path}: "k" must be a whole number from 1 to ${width}, but is ${k}.`, {
    file: path,
    key: 'k',
  });
}
