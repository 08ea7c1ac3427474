import { kernel, reads, writes } from './kernel';
import type { Recorder } from './recorder';
import { main } from './snippets';

/** A lane moves 16 rows of one feature: neighbouring lanes read neighbouring halves, and each writes 32 bytes in a row.
 *  No workgroup memory, which is slow on software adapters. At a piece's edges, where a word belongs to two pieces, it
 *  keeps the other half. */
const transpose = kernel({
  name: 'transpose',
  args: ['first', 'rows', 'cols', 'begin', 'count', 'quads'],
  bindings: { source: reads('u32'), out: writes('u32') },
  body: () => /* wgsl */ `
fn half_at(i: u32) -> u32 { return (source[i >> 1u] >> (16u * (i & 1u))) & 0xffffu; }
${main(64)} {
  let across = (args.count + 63u) / 64u;
  let group = group_index(id, groups);
  let feature = 64u * (group % across) + lane;
  let start = (args.first & 0xfffffffeu) + 16u * (group / across);
  let end = args.first + args.rows;
  if (feature >= args.count) { return; }
  for (var column = start; column < min(start + 16u, end); column += 2u) {
    let place = feature * 2u * args.quads + (column >> 1u);
    let at = args.begin + feature;
    var word = 0u;
    if (column >= args.first) { word = half_at((column - args.first) * args.cols + at); }
    else { word = out[place] & 0xffffu; }
    if (column + 1u < end) { word |= half_at((column + 1u - args.first) * args.cols + at) << 16u; }
    else { word |= out[place] & 0xffff0000u; }
    out[place] = word;
  }
}
`,
});

/** A piece of a transposed matrix [d, width], and the features that are wanted from it. */
interface TransposedPiece {
  buffer: GPUBuffer;
  /** The piece's first row of [d, width], and how many it has. */
  first: number;
  rows: number;
  width: number;
  /** Features from .. from + count go to rows 0 .. count of the target. */
  from: number;
  count: number;
}

/** One dispatch: halves of the piece into their columns of target [count, 4 * quads], halves too. */
export function recordTranspose(recorder: Recorder, piece: TransposedPiece, target: GPUBuffer, quads: number): void {
  const { buffer, first, rows, width, from, count } = piece;
  recorder.dispatch(transpose, {
    args: { first, rows, cols: width, begin: from, count, quads },
    bindings: { source: { buffer, bytes: Math.ceil((rows * width) / 2) * 4 }, out: { buffer: target } },
    groups: Math.ceil(count / 64) * Math.ceil((rows + (first % 2)) / 16),
  });
}
