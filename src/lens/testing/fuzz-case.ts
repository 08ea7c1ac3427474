import { SIZES } from '../formats/safetensors';
import { mutate } from './mutate';

/** A kind of file that nobody vouches for: how one is damaged, and how what was read of it is held against it. */
export interface FuzzCase {
  /** The whole input, every file of it together: nothing may be allocated that is larger. */
  make(random: () => number): Uint8Array;
  /** Reads it, and throws an Error that is no LensError where what was read cannot be. */
  read(bytes: Uint8Array): Promise<void>;
  /** Inputs with a value that is nested very deep, each value of it in turn. */
  nested?: Uint8Array[];
  /** Bytes of files that stand beside it. */
  beside?: number;
  /** Bytes that the heap may grow by for a byte of the file, where it is more than usual. */
  heapPerByte?: number;
}

export const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)]!;
/** One of them, damaged, with pieces of another. */
export const oneOf = (bases: readonly Uint8Array[]) => (random: () => number) =>
  mutate(pick(bases, random), random, pick(bases, random));

export interface Place {
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

export function check({ dtype, shape, begin, end }: Place, size: number): void {
  const bytes = shape.reduce((product, n) => product * n, SIZES[dtype] ?? Number.NaN);
  if (!(begin >= 0 && begin <= end && end <= size && end - begin === bytes))
    throw new Error(`A tensor of ${dtype} [${shape.join(', ')}] was found at [${begin}, ${end}) of ${size} bytes`);
}
