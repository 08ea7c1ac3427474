/** What the name of a dictionary says where it comes from elsewhere: Neuronpedia's `12-gemmascope-res-16k`, or a hook. */

/** Parts of names that are of another place than the residual behind a block, which is all that is read here. */
const ELSEWHERE: ReadonlySet<string> = new Set(
  'mlp att attn attention z q k v mid pre transcoder transcoders tc tres clt crosscoder crosscoders'.split(' '),
);

const partsOf = (source: string): string[] => source.toLowerCase().split(/[^a-z0-9]+/);

/** Whether a source may be of the residual behind its block: false where its name says that it is of an MLP, of
 *  attention, of a transcoder, or of the residual before or within the block. */
export const ofResidual = (source: string): boolean => !partsOf(source).some((part) => ELSEWHERE.has(part));

/** The layer that a source's name begins with, or that its hook names; null where it names none. */
export function layerNamed(source: string): number | null {
  const found = /^(?:.*\bblocks\.)?(\d{1,3})(?!\d)/.exec(source)?.[1];
  return found === undefined ? null : Number(found);
}

/** Whether a dictionary of `width` may be meant: `16k` is 16,000 or 16,384, `1m` a million or 2^20. */
export function fitsWidth(source: string, width: number): boolean {
  const stated = partsOf(source)
    .map((part) => /^(\d{1,4})([km])$/.exec(part))
    .find((match) => match);
  if (!stated) return true;
  const power = stated[2] === 'k' ? 1 : 2;
  const [least, most] = [1000, 1024].map((step) => Number(stated[1]) * step ** power) as [number, number];
  return width >= least * 0.95 && width <= most * 1.05;
}
