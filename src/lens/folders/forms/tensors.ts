import { CorruptFileError, ShapeMismatchError, UnsupportedModelError } from '../../api/errors';
import type { TorchTensor } from '../../formats/torch-file';
import type { DictionaryPlan, DictionaryTensor } from '../dictionary-plan';

/** A matrix's name in a file, and whether a feature is one of its `rows`, [width, d], or `columns`, [d, width]. */
export type MatrixName = readonly [name: string, features: 'rows' | 'columns'];

/** What a file calls a dictionary's tensors. */
export interface Layout {
  encoder: MatrixName;
  decoder: MatrixName;
  encoderBias: string;
  decoderBias: string;
  threshold?: string;
  magnitude?: string;
  gateBias?: string;
}

/** Tensors of a weights' file, by name. */
export type Stored = ReadonlyMap<string, Omit<TorchTensor, 'byColumns'> & Partial<Pick<TorchTensor, 'byColumns'>>>;

/** Finds a dictionary's tensors in its file by a layout. `beside`: names of further tensors that were read. Throws
 *  CorruptFileError for a missing one, ShapeMismatchError, and UnsupportedModelError for other number types, for a
 *  tensor that the layout does not know (it could change the computation), and for tensors that share bytes. */
export function arrange(
  file: string,
  stored: Stored,
  { d, width }: { d: number; width: number },
  layout: Layout,
  beside: readonly string[] = [],
): DictionaryPlan['tensors'] {
  const names = Object.values(layout).map((name) => (typeof name === 'string' ? name : name[0]));
  refuseUnknown(file, stored, [...names, ...beside]);
  const matrix = ([name, features]: MatrixName) =>
    place(file, stored, name, features === 'rows' ? [width, d] : [d, width], features === 'columns');
  const vector = (name: string, length: number) => place(file, stored, name, [length], false);
  const tensors: DictionaryPlan['tensors'] = {
    encoder: matrix(layout.encoder),
    decoder: matrix(layout.decoder),
    encoderBias: vector(layout.encoderBias, width),
    decoderBias: vector(layout.decoderBias, d),
  };
  for (const role of ['threshold', 'magnitude', 'gateBias'] as const) {
    const name = layout[role];
    if (name !== undefined) tensors[role] = vector(name, width);
  }
  refuseSharedBytes(file, Object.values(tensors));
  return tensors;
}

/** Throws UnsupportedModelError if a file has a tensor of another name. */
export function refuseUnknown(file: string, stored: Stored, known: readonly string[]): void {
  const unknown = [...stored.keys()].filter((name) => !known.includes(name)).map((name) => name.slice(0, 80));
  if (unknown.length === 0) return;
  throw new UnsupportedModelError(
    `${file} holds ${unknown.length === 1 ? 'a tensor' : 'tensors'} ${unknown
      .slice(0, 8)
      .map((name) => JSON.stringify(name))
      .join(
        ', ',
      )}, which could change what the dictionary computes. Lenslet opens such a file with ${known.join(', ')}.`,
    { file, tensor: unknown[0], tensors: unknown.slice(0, 8) },
  );
}

/** Width of a matrix of `d`, as the file's shape has it. Throws ShapeMismatchError. */
export function widthOf(file: string, stored: Stored, [name, features]: MatrixName, d: number): number {
  const { shape } = need(file, stored, name);
  const [width = 0, wide] = features === 'rows' ? shape : [shape[1], shape[0]];
  if (shape.length !== 2 || wide !== d || width < 1 || width > MAX_WIDTH)
    throw mismatch(
      file,
      name,
      shape,
      features === 'rows' ? `[width, ${d}]` : `[${d}, width]`,
      `the model is ${d} wide`,
    );
  return width;
}

export const MAX_WIDTH = 1 << 22;

/** Active latents a token as a file states them; null for what is no such number. */
export function l0Of(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value <= MAX_WIDTH ? value : null;
}

/** Widths of a matryoshka's levels as a file states them, from the innermost on; null for what are no such widths. */
export function levelsIn(value: unknown, width: number): number[] | null {
  const fits = (n: unknown, i: number, all: unknown[]): n is number =>
    typeof n === 'number' && Number.isInteger(n) && n > (i === 0 ? 0 : (all[i - 1] as number)) && n <= width;
  return Array.isArray(value) && value.length > 0 && value.length <= 64 && value.every(fits) ? value : null;
}

function place(file: string, stored: Stored, name: string, shape: number[], transposed: boolean): DictionaryTensor {
  const found = need(file, stored, name);
  if (found.shape.length !== shape.length || found.shape.some((n, i) => n !== shape[i]))
    throw mismatch(file, name, found.shape, `[${shape.join(', ')}]`, 'model and dictionary ask for that');
  const { dtype, begin, end, byColumns = false } = found;
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16')
    throw new UnsupportedModelError(
      `${name} in ${file} is stored as ${dtype}. Lenslet reads F32, F16 and BF16 weights.`,
      { tensor: name, dtype },
    );
  return { dtype, shape: byColumns ? [...shape].reverse() : shape, begin, end, transposed: transposed !== byColumns };
}

function need(file: string, stored: Stored, name: string) {
  const tensor = stored.get(name);
  if (!tensor)
    throw new CorruptFileError(`${file} has no tensor ${name}, which a dictionary needs.`, { file, tensor: name });
  return tensor;
}

function mismatch(file: string, tensor: string, shape: number[], expected: string, why: string): ShapeMismatchError {
  return new ShapeMismatchError(
    `${tensor} in ${file} has shape [${shape.join(', ')}], not ${expected}: ${why}. Use a dictionary of this model.`,
    { tensor, shape },
  );
}

/** Throws UnsupportedModelError if tensors share bytes. The conversion reads a file once, from first to last byte, and uses each byte for one tensor. */
export function refuseSharedBytes(file: string, tensors: readonly { begin: number; end: number }[]): void {
  const places = [...tensors].sort((a, b) => a.begin - b.begin);
  for (let i = 1; i < places.length; i++) {
    if (places[i]!.begin < places[i - 1]!.end) {
      throw new UnsupportedModelError(
        `${file} has two tensors that share their numbers (tied weights). Save it with .clone() of each.`,
        { file },
      );
    }
  }
}
